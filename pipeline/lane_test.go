package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
)

// countingDecoder appends to each event's id how many it has read before: it keeps state.
type countingDecoder struct {
	fakeDecoder
	n int
}

func (d *countingDecoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	d.fakeDecoder.Decode(b, func(e event.Event) {
		e.(*fakeEvent).id += fmt.Sprintf("#%d", d.n)
		d.n++
		yield(e)
	}, fault)
}

// inOrderLane is a lane whose decoder counts.
func inOrderLane(batches ...event.Batch) Lane {
	l := fakeLane(batches...)
	l.InOrder, l.Worker = true, func() Worker { return Judged(&countingDecoder{}, fakeJudge{}) }
	return l
}

func runLanes(t *testing.T, cfg Config, lanes ...Lane) ([]string, Report) {
	t.Helper()
	var out []string
	p := Parts{Lanes: lanes, Detector: detector.New(detector.DefaultConfig()), Sink: collectLines(&out)}
	report, err := New(cfg, p).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

func TestLanesAreMergedByEventTime(t *testing.T) {
	out, report := runLanes(t, DefaultConfig(),
		fakeLane(batch(1, 10, "10 a 0"), batch(2, 500, "500 b 0")),
		inOrderLane(batch(1, 5, "5 x 1"), batch(2, 9, "9 y 1", "9 z"), batch(4, 700, "499 w 1", "700 v 1")),
	)
	want := []string{"5 x#0 R1", "9 y#1 R1", "10 a R0", "499 w#3 R1", "500 b R0", "700 v#4 R1"}
	if diff := cmp.Diff(want, out); diff != "" || report.Late != 0 || report.Events != 7 {
		t.Errorf("%+v %s", report, diff)
	}
}

// A lane without times is read first; what the other gives is in order all the same.
func TestLaneWithoutTimes(t *testing.T) {
	out, report := runLanes(t, DefaultConfig(),
		fakeLane(batch(1, 100, "100 a 0"), batch(2, 500, "500 b 0")),
		inOrderLane(batch(1, 0, "300 x 1"), batch(2, 0, "400 y 1")),
	)
	if diff := cmp.Diff([]string{"100 a R0", "300 x#0 R1", "400 y#1 R1", "500 b R0"}, out); diff != "" || report.Late != 0 {
		t.Errorf("%+v %s", report, diff)
	}
}

// Several lanes with times that go back and forth give the same with any number of workers and any timing.
func TestLanesDoNotDependOnTiming(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	batches := func(prefix string) (out []event.Batch) {
		for i := range int64(100) {
			var lines []string
			for j := range 1 + rnd.IntN(10) {
				lines = append(lines, fmt.Sprintf("%d %s%d-%d %d", max(0, i*7+rnd.Int64N(150)-100), prefix, i, j, rnd.IntN(3)))
			}
			out = append(out, batch(i*100, i*7, lines...))
		}
		return out
	}
	audit, kernel, other := batches("a"), batches("k"), batches("o")
	var first []string
	var firstReport Report
	for i := range 10 {
		cfg := DefaultConfig()
		cfg.Workers = 1 + i
		out, report := runLanes(t, cfg, fakeLane(audit...), inOrderLane(kernel...), inOrderLane(other...))
		if i == 0 {
			first, firstReport = out, report
		}
		if diff := cmp.Diff(first, out) + cmp.Diff(firstReport, report); diff != "" {
			t.Fatalf("%d workers: %s", cfg.Workers, diff)
		}
	}
	if firstReport.Late == 0 {
		t.Error("nothing was late: the test should try that too")
	}
}

// liveRun runs lanes live until enough alerts have come, and returns them.
func liveRun(t *testing.T, cfg Config, enough int, lanes ...Lane) ([]string, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out []string
	keep := collectLines(&out)
	sink := sinkFunc(func(alerts []*event.Alert) error {
		defer func() {
			if len(out) >= enough {
				cancel()
			}
		}()
		return keep.Write(ctx, alerts)
	})
	cfg.Live = true
	_, err := New(cfg, Parts{Lanes: lanes, Detector: detector.New(detector.DefaultConfig()), Sink: sink}).Run(ctx)
	return out, err
}

// Live, an alert waits neither for later events nor for another lane that has nothing.
func TestLiveWaitsForNothing(t *testing.T) {
	kernel, silent := func() Lane {
		return silentLane(inOrderLane(batch(1, 2, "2 b 0", "1 a 0"), batch(3, 2, "1 c 0")))
	}, silentLane(fakeLane())
	for _, lanes := range [][]Lane{{kernel()}, {silent, kernel()}} {
		out, err := liveRun(t, DefaultConfig(), 3, lanes...)
		if diff := cmp.Diff([]string{"1 a#1 R0", "2 b#0 R0", "1 c#2 R0"}, out); diff != "" || !errors.Is(err, context.Canceled) {
			t.Errorf("%v %s", err, diff)
		}
	}
}

// silentLane is l, of which nothing comes behind its batches, not even an end.
func silentLane(l Lane) Lane {
	l.Source.(*fakeSource).silent = true
	return l
}

func TestLiveEndsWithItsSources(t *testing.T) {
	out, err := liveRun(t, DefaultConfig(), 100, fakeLane(batch(1, 0, "1 a 0")), inOrderLane(batch(1, 0, "2 b 0")))
	if len(out) != 2 || err != nil {
		t.Errorf("%q, %v", out, err)
	}
}

// A lane that fails ends the run, although another one is silent.
func TestLiveLaneFails(t *testing.T) {
	silent, broken := silentLane(fakeLane()), inOrderLane()
	broken.Source.(*fakeSource).err = io.ErrUnexpectedEOF
	if _, err := liveRun(t, DefaultConfig(), 1, silent, broken); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	cfg := DefaultConfig()
	cfg.Strict = true
	var fault event.Fault
	if _, err := liveRun(t, cfg, 1, silent, inOrderLane(batch(1, 0, "bad"))); !errors.As(err, &fault) {
		t.Errorf("%v", err)
	}
}

// Live, what is older than the window allows is late, as it is in a replay.
func TestLiveLate(t *testing.T) {
	out, err := liveRun(t, DefaultConfig(), 100, inOrderLane(batch(1, 100, "100 a 0"), batch(2, 0, "41 b 0", "39 c 0")))
	if diff := cmp.Diff([]string{"100 a#0 R0", "39 c#2 R0 late", "41 b#1 R0"}, out); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}
