package falco

import (
	"errors"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// aheadNs is how far an alert's time may lie ahead of its receipt, and oldNs how far behind without a remark.
const (
	aheadNs = int64(5 * time.Second)
	oldNs   = int64(24 * time.Hour)
)

var (
	errNoTime    = errors.New("is not a time as in RFC 3339")
	errTimeRange = errors.New("is outside the years 1970 to 2261")
)

// parseTime reads a time of RFC 3339 in nanoseconds since 1970 UTC.
func parseTime(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, errNoTime
	}
	if y := t.UTC().Year(); y < 1970 || y > 2261 {
		return 0, errTimeRange
	}
	return t.UnixNano(), nil
}

// believe sets the event's time: what the alert says, unless it says that it comes from the future; then the time of receipt. What is
// strange about the time is told. receivedNs is 0 where nobody noted the receipt: then the alert is believed.
func (e *Event) believe(receivedNs int64) {
	e.timeNs = e.alert.timeNs
	switch {
	case receivedNs == 0:
	case e.timeNs > receivedNs+aheadNs:
		e.saidNs, e.timeNs = e.timeNs, receivedNs
		e.remark = "the time: Falco says " + string(event.AppendTime(nil, e.saidNs)) + ", which is after its alert was received"
	case e.timeNs < receivedNs-oldNs:
		e.remark = "the time: Falco says it, and its alert was received more than a day later, at " + string(event.AppendTime(nil, receivedNs))
	}
}
