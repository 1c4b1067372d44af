package logfile

import (
	"testing"
	"time"
)

func TestTimeHints(t *testing.T) {
	at := time.Date(2026, 11, 20, 23, 49, 3, 111977000, time.UTC)
	f := func(text string, want time.Time) {
		t.Helper()
		wantNs := want.UnixNano()
		if want.IsZero() {
			wantNs = 0
		}
		if oldest, last := oldestTime([]byte(text)), lastTime([]byte(text)); oldest != wantNs || last != wantNs {
			t.Errorf("%s: %d, %d, want %d", text, oldest, last, wantNs)
		}
	}
	f(`{"stageTimestamp":"2026-11-20T23:49:03.111977Z"}`, at)
	f(`{"stageTimestamp" : "2026-11-20T23:49:03.111977Z"}`, at)
	f(`{"log":"{\"stageTimestamp\":\"2026-11-20T23:49:03.111977Z\"}"}`, at)
	f(`{"RequestReceivedTime":"2026-11-20T23:49:01Z","StageReceivedTime":"2026-11-20T23:49:03.111977Z","TimeGenerated":"2027-01-01T00:00:00Z"}`, at)
	f(`{"timestamp":"2026-11-20T23:49:03.111977Z","receiveTimestamp":"2026-11-20T23:49:30Z"}`, at)
	f(`{"timestamp":1795218543111,"message":"x"}`, time.Time{})
	// What a client wrote into an event is not believed where the event has a time of its own.
	f(`{"userAgent":"\"stageTimestamp\":\"2199-01-01T00:00:00Z\"","stageTimestamp":"2026-11-20T23:49:03.111977Z"}`, at)
	f(`{"stageTimestamp":"yesterday"}`, time.Time{})
}
