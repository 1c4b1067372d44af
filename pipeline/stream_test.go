package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

func TestStream(t *testing.T) {
	beat := event.Fact{Kind: event.FactNode, Key: "n", Data: []byte(`{"records":5}`)}
	w := newWorld(
		auditLines(1000, "999 b 1 0", "bad", "998 a 2"),
		agentBatch("n", 7, 1, 1001, []event.Fact{beat}, "x", "y"),
		agentBatch("n", 7, 1, 1002, []event.Fact{beat}, "x", "y"), // sent twice
		auditLines(1003, "999 b 1", "900 late 0"),
	)
	report := w.run(t, DefaultStreamConfig())
	kernel := []string{contentID("x") + " K", contentID("y") + " K"}
	slices.Sort(kernel)
	want := slices.Concat([]string{"a R2", "b R0", "b R1"}, kernel, []string{"late R0"})
	if diff := cmp.Diff(want, w.order); diff != "" {
		t.Error(diff)
	}
	wantReport := Report{
		Events: 4 + 2*2, FirstNs: 900 * second, LastNs: 1002 * second, Faults: 1, Matches: 7, Late: 1, Alerts: 6,
		BySeverity: map[int]uint64{47: 4, 73: 2}, ByRule: map[string]uint64{"R0": 2, "R1": 1, "R2": 1, "K": 2},
	}
	if diff := cmp.Diff(wantReport, report); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]bool{"0 1 audit/c/api:2: bad": true}, w.quarantine); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Checkpoint{Seq: 4, RebuildFrom: 1, Rules: "one"}, w.checkpoint); diff != "" {
		t.Error(diff)
	}
	if f := w.facts["node n"]; f.Seq != 2 || !strings.Contains(string(f.Data), `"records":5`) {
		t.Errorf("%+v %s", f, f.Data)
	}
}

// Alerts are stored first, then facts, then what could not be read, and then the position moves.
func TestStreamStoresInOrder(t *testing.T) {
	w := newWorld(agentBatch("n", 7, 1, 1000, nil, "x"))
	w.stream[0].Faults = []event.Fault{{Origin: "o", Reason: "r"}}
	var told []string
	p := w.start(DefaultStreamConfig(), func(parts *StreamParts) {
		parts.Sink = sinkFunc(func([]*event.Alert) error { told = append(told, "alerts"); return nil })
		parts.Facts = func(context.Context, []event.Fact) error { told = append(told, "facts"); return nil }
		parts.Quarantine = func(context.Context, event.Fault, event.BatchKind, uint64) error {
			told = append(told, "faults")
			return nil
		}
		parts.Position = func(Checkpoint) { told = append(told, "position") }
	})
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"alerts", "facts", "faults", "position"}, told); diff != "" {
		t.Error(diff)
	}
}

// What one of the stores refuses ends the run, and the position does not move over it.
func TestStreamStoreFails(t *testing.T) {
	broken := errors.New("broken")
	fact := event.Fact{Kind: event.FactNode, Key: "n", Data: []byte(`{}`)}
	for name, change := range map[string]func(*StreamParts){
		"store alerts": func(p *StreamParts) { p.Sink = sinkFunc(func([]*event.Alert) error { return broken }) },
		"store facts":  func(p *StreamParts) { p.Facts = func(context.Context, []event.Fact) error { return broken } },
		"quarantine": func(p *StreamParts) {
			p.Quarantine = func(context.Context, event.Fault, event.BatchKind, uint64) error { return broken }
		},
	} {
		w := newWorld(auditLines(1000, "1 a 0"), agentBatch("n", 7, 1, 1000, []event.Fact{fact}), auditLines(1000, "bad"), auditLines(1000, "2 b 0"))
		_, err := w.start(DefaultStreamConfig(), change).Run(t.Context())
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), name) || w.checkpoint.Seq >= 3 {
			t.Errorf("%s: %v, position %d, %d alerts", name, err, w.checkpoint.Seq, len(w.alerts))
		}
	}
}

// What is judged while a store is at work is stored together, and nothing waits for it.
func TestStreamStoresInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for i := range 300 {
			w.append(auditLines(1000, fmt.Sprintf("%d e%d 0", i, i)))
		}
		var groups []int
		cfg := DefaultStreamConfig()
		cfg.Workers = 200
		p := w.start(cfg, func(parts *StreamParts) {
			parts.Sink = sinkFunc(func(a []*event.Alert) error {
				groups = append(groups, len(a))
				time.Sleep(time.Second)
				return w.Write(t.Context(), a)
			})
		})
		p.source.before = func(seq uint64) {
			if seq == 2 {
				time.Sleep(time.Millisecond) // the first batch is stored alone
			}
		}
		if _, err := p.Run(t.Context()); err != nil || len(w.alerts) != 300 || w.checkpoint.Seq != 300 {
			t.Errorf("%v, %d alerts", err, len(w.alerts))
		}
		if len(groups) > 10 || groups[0] != 1 || slices.Max(groups) > maxGroup {
			t.Errorf("%v", groups)
		}
	})
}

// A store that is full or away is waited for, and nothing overtakes what waits.
func TestStreamWaitsForItsStores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, full := newWorld(auditLines(1000, "1 a 0"), auditLines(1000, "2 b 0")), errors.New("full")
		began, tries := time.Now(), 0
		p := w.start(DefaultStreamConfig(), func(parts *StreamParts) {
			parts.Retry = func(err error) bool { return errors.Is(err, full) }
			parts.Sink = sinkFunc(func(a []*event.Alert) error {
				if tries++; tries < 10 {
					return full
				}
				return w.Write(t.Context(), a)
			})
		})
		if _, err := p.Run(t.Context()); err != nil || len(w.alerts) != 2 || p.Progress().Waits != 9 {
			t.Errorf("%v, %d alerts, %d waits", err, len(w.alerts), p.Progress().Waits)
		}
		if took := time.Since(began); took != 21300*time.Millisecond { // 0.1 + 0.2 + ... + 3.2 + 5 + 5 + 5 s
			t.Errorf("it took %s", took)
		}
	})
}

// A hub that lost its place stops at once, even while it waits, and says why.
func TestStreamIsFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fenced := errors.New("another hub has taken over")
		w := newWorld(auditLines(1000, "1 a 0"), auditLines(1000, "2 b 0"))
		p := w.start(DefaultStreamConfig(), func(parts *StreamParts) {
			parts.Active = func() error {
				if len(w.alerts) > 0 {
					return fenced
				}
				return nil
			}
		})
		p.source.before = func(uint64) { time.Sleep(time.Second) }
		_, err := p.Run(t.Context())
		if !errors.Is(err, fenced) || len(w.alerts) != 1 || w.checkpoint.Seq != 1 {
			t.Errorf("%v, %d alerts", err, len(w.alerts))
		}

		for name, change := range map[string]func(*StreamParts){
			"a full store":    func(p *StreamParts) { p.Sink = sinkFunc(func([]*event.Alert) error { return errSilent }) },
			"a silent source": func(p *StreamParts) { p.Source.(*worldSource).end = errSilent },
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Minute, func() { cancel(fenced) })
			w := newWorld(auditLines(1000, "1 a 0"))
			_, err := w.start(DefaultStreamConfig(), change, func(p *StreamParts) { p.Retry = func(error) bool { return true } }).Run(ctx)
			if !errors.Is(err, fenced) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A batch of nothing but rubbish takes a bounded number of places in quarantine.
func TestStreamOfRubbish(t *testing.T) {
	w := newWorld(auditLines(1000, append(slices.Repeat([]string{"bad"}, 5000), "1 a 0")...))
	if report := w.run(t, DefaultStreamConfig()); len(w.quarantine) != maxBatchFaults+1 || len(w.alerts) != 1 || report.Faults != maxBatchFaults+1 {
		t.Errorf("%d quarantined", len(w.quarantine))
	}
	if !w.quarantine["0 1 audit/c/api: 4000 further pieces of this batch, which could not be read either"] {
		t.Error("what is beyond is not told")
	}
}

// What is behind the filter is no alert that is stored, and known all the same.
func TestStreamFilter(t *testing.T) {
	w := newWorld(auditLines(1000, "1 a 0 1"))
	cfg := DefaultStreamConfig()
	cfg.Filter.Rules = []string{"R1"}
	if report := w.run(t, cfg); report.Alerts != 1 || report.Matches != 2 || w.order[0] != "a R1" {
		t.Errorf("%+v %q", report, w.order)
	}
}

// Batches that are stored are read again in silence: they only tell the detector what it has to know.
func TestStreamIsMutedUpToWhatIsStored(t *testing.T) {
	fact := event.Fact{Kind: event.FactNode, Key: "n", Data: []byte(`{}`)}
	w := newWorld(auditLines(1000, "1 a 0", "bad"), agentBatch("n", 7, 1, 1001, []event.Fact{fact}, "x"), auditLines(1002, "1 a 0", "2 b 0"))
	w.checkpoint = Checkpoint{Seq: 2, RebuildFrom: 1}
	cfg := DefaultStreamConfig()
	cfg.Fault = func(f event.Fault) { t.Error(f) }
	report := w.run(t, cfg)
	if diff := cmp.Diff([]string{"b R0"}, w.order); diff != "" || len(w.facts)+len(w.quarantine) != 0 || report.Events != 2 || report.Alerts != 1 {
		t.Errorf("%+v %s", report, diff)
	}
}

// Event times of the future come last in their batch, and are told of.
func TestStreamOfAClockThatIsAhead(t *testing.T) {
	w := newWorld(auditLines(1000, "99999999 z 0", "1002 a 0", "1004 b 0"))
	p := w.start(DefaultStreamConfig())
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a R0", "b R0", "z R0"}, w.order); diff != "" {
		t.Error(diff)
	}
	p.Sync(func() {
		if s := p.detector.Sources(); s[0].Ahead != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// randomStream is audit events and batches of agents of half an hour, in any order within reorder, in batches of any size, with
// what was sent twice; seed tells how they come, and never what they are.
func randomStream(seed uint64) *world {
	fixed, rnd := rand.New(rand.NewPCG(1, 1)), rand.New(rand.NewPCG(seed, 2))
	type line struct {
		at   int64
		text string
	}
	var lines []line
	for i := range int64(400) {
		text := fmt.Sprintf("%d e%d", 1000+i*5, i)
		for r := range 3 {
			if fixed.IntN(3) == 0 {
				text += fmt.Sprint(" ", r)
			}
		}
		for range 1 + rnd.IntN(2) { // it may be sent twice
			lines = append(lines, line{1000 + i*5 + rnd.Int64N(30), text})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return int(a.at - b.at) })
	w, seqs := newWorld(), [3]uint64{}
	for len(lines) > 0 {
		n := min(len(lines), 1+rnd.IntN(12))
		b := auditLines(lines[n-1].at + rnd.Int64N(3))
		var texts []string
		for _, l := range lines[:n] {
			texts = append(texts, l.text)
		}
		b.Data = []byte(strings.Join(texts, "\n"))
		w.append(b)
		lines = lines[n:]
		node := rnd.IntN(len(seqs))
		seqs[node]++
		k := agentBatch(fmt.Sprint("n", node), 7, seqs[node], b.ReceivedNs/second, nil, fmt.Sprint(node, "-", seqs[node]))
		if seqs[node] > 20 {
			continue
		}
		for range 1 + rnd.IntN(2) {
			w.append(k)
		}
	}
	for node := range seqs { // each has sent 20 in the end
		for seqs[node] < 20 {
			seqs[node]++
			w.append(agentBatch(fmt.Sprint("n", node), 7, seqs[node], w.stream[len(w.stream)-1].ReceivedNs/second, nil, fmt.Sprint(node, "-", seqs[node])))
		}
	}
	return w
}

var errKilled = errors.New("killed")

// killer ends a process after a random number of steps.
func killer(rnd *rand.Rand, most int) func() error {
	left := 1 + rnd.IntN(most)
	return func() error {
		if left--; left <= 0 {
			return errKilled
		}
		return nil
	}
}

// However a stream is cut into batches and shuffled, whatever is sent twice, and wherever the process is killed, the same alerts are
// stored, each once.
func TestStreamGivesTheSameAlerts(t *testing.T) {
	want := randomStream(0)
	want.run(t, DefaultStreamConfig())
	if len(want.ids()) < 300 {
		t.Fatalf("%d alerts", len(want.ids()))
	}
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		w := randomStream(seed)
		w.keep = func() bool { return rnd.IntN(5) == 0 }
		kills := 0
		for w.step = killer(rnd, 400); ; w.step = killer(rnd, 400) {
			cfg := DefaultStreamConfig()
			cfg.Workers = 1 + rnd.IntN(4)
			_, err := w.start(cfg).Run(t.Context())
			if err == nil {
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatal(err)
			}
			kills++
		}
		if diff := cmp.Diff(want.ids(), w.ids()); diff != "" {
			t.Fatalf("seed %d, %d kills: %s", seed, kills, diff)
		}
		if w.puts != len(w.alerts) {
			t.Errorf("seed %d: %d alerts were stored %d times", seed, len(w.alerts), w.puts)
		}
	}
}

// Receipt times jump by a century forth and back, anywhere: nothing is lost, nothing comes twice, and every checkpoint can be begun from.
func TestStreamSurvivesClockJumps(t *testing.T) {
	want := randomStream(0)
	want.run(t, DefaultStreamConfig())
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		w := randomStream(seed)
		var off int64
		for i := range w.stream {
			if rnd.IntN(20) == 0 {
				off = []int64{0, 100 * 365 * 86400 * second, -3600 * second, 7200 * second, 61 * second}[rnd.IntN(5)]
			}
			w.stream[i].ReceivedNs += off
		}
		w.keep = func() bool { return rnd.IntN(3) == 0 }
		for w.step = killer(rnd, 600); ; w.step = killer(rnd, 600) {
			if _, err := w.start(DefaultStreamConfig()).Run(t.Context()); err == nil {
				break
			}
		}
		if diff := cmp.Diff(want.ids(), w.ids()); diff != "" || w.puts != len(w.alerts) {
			t.Fatalf("seed %d: %d of %d alerts were stored, %s", seed, w.puts, len(w.alerts), diff)
		}
	}
}

// BenchmarkStream is what the loop itself costs beside decoding and judging.
func BenchmarkStream(b *testing.B) {
	w := newWorld()
	for i := range 1000 {
		w.append(auditLines(1000, fmt.Sprintf("%d e%d 0", i, i), fmt.Sprintf("%d f%d", i, i)))
	}
	b.ReportAllocs()
	for b.Loop() {
		w.alerts, w.order, w.checkpoint = map[string]bool{}, nil, Checkpoint{}
		if _, err := w.start(DefaultStreamConfig()).Run(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
