package falco

import (
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// Event is one alert of Falco, ready to be judged.
type Event struct {
	*alert
	sender string
	timeNs int64  // as it is believed: what Falco says, or when it was received
	saidNs int64  // what Falco says, where it is not believed; else 0
	remark string // on the time

	details *event.Details // made when they are asked for
}

// Source is event.SourceFalco.
func (e *Event) Source() event.Source { return event.SourceFalco }

// TimeNs is the time that Falco says, so that the pipeline counts those that cannot be. Details have it as it is believed.
func (e *Event) TimeNs() int64 { return e.alert.timeNs }

// BodyFault is nil: an alert is read as a whole.
func (e *Event) BodyFault() error { return nil }

// Elements is 1 for the event as a whole; an alert has no parts.
func (e *Event) Elements(s event.Scope) int {
	if s == event.ScopeEvent {
		return 1
	}
	return 0
}

// EventID is the alert's content id: of host, time, rule and output fields. 26 characters of lower-case base32.
func (e *Event) EventID() string { return e.id }

// sentence is what Falco says in words, without the time and priority that it writes in front of them.
func (e *Event) sentence() string {
	if e.message != "" {
		return e.message
	}
	mark := ": " + e.priority.String() + " "
	if i := strings.Index(e.output, mark); i >= 0 && i <= len("2006-01-02T15:04:05.000000000+0000") {
		return e.output[i+len(mark):]
	}
	return e.output
}
