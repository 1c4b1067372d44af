package pipeline

import (
	"testing"
	"time"
)

func TestRebuildMarks(t *testing.T) {
	r := newRebuildMarks(1)
	at := int64(0)
	note := func(seq uint64, after time.Duration) uint64 {
		at += after.Nanoseconds()
		return r.note(seq, at)
	}
	var from uint64
	for seq := uint64(1); seq <= 200; seq++ { // one each 10 s
		from = note(seq, 10*time.Second)
		ago := time.Duration(seq-from+1) * 10 * time.Second
		if ago > RebuildWindow+2*markEvery || from > 1 && ago < RebuildWindow {
			t.Fatalf("at %d: from %d, %s ago", seq, from, ago)
		}
	}
	before := from
	for i, jump := range []time.Duration{100 * 365 * 24 * time.Hour, -100 * 365 * 24 * time.Hour, -time.Hour, time.Hour, 24 * time.Hour} {
		seq := uint64(201 + i)
		now := note(seq, jump)
		if now < before || now > before+12 { // of which each counts for a minute
			t.Errorf("after a jump of %s it goes back to %d, and did to %d", jump, now, before)
		}
		before = now
		if len(r.marks) > int(RebuildWindow/markEvery)+2 {
			t.Errorf("%d marks", len(r.marks))
		}
	}
}

// The first batch may have parts that stand before it in the stream: where reading began is where the window begins.
func TestRebuildFromWhereReadingBegan(t *testing.T) {
	r := newRebuildMarks(50)
	if got := r.note(57, 0); got != 50 {
		t.Errorf("%d", got)
	}
	if got := r.note(58, int64(time.Second)); got != 50 {
		t.Errorf("%d", got)
	}
}
