package sensor

import (
	"testing"
	"time"
)

// jitter is a clock whose readings take as long as steps say, in turns.
type jitter struct {
	now   uint64
	steps []uint64
	n     int
}

func (j *jitter) Boot() uint64 {
	j.now += j.steps[j.n%len(j.steps)]
	j.n++
	return j.now
}

func (j *jitter) Wall() int64 { return int64(j.Boot()) + 1_000_000 }

func TestOffsetIsThatOfTheShortestSample(t *testing.T) {
	j := &jitter{steps: []uint64{10, 9000, 70, 20, 30, 30, 500, 10, 90}}
	if got := offset(j); got != 1_000_000 {
		t.Errorf("offset %d", got)
	}
}

func TestNodeClock(t *testing.T) {
	c := NodeClock{}
	d := time.Duration(int64(c.Boot()) + offset(c) - time.Now().UnixNano()).Abs()
	if d > time.Minute {
		t.Errorf("boot time and offset are %s off the wall clock", d)
	}
	if c.Boot() == 0 || c.Wall() <= 0 {
		t.Error("a clock stands at zero")
	}
}
