package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

// taggedJudge tells, in its matches' message, which rule set it is of.
type taggedJudge struct {
	fakeJudge
	hash string
}

func (j taggedJudge) Judge(e event.Event, dst []event.Match) []event.Match {
	dst = j.fakeJudge.Judge(e, dst)
	for i := range dst {
		dst[i].Message = j.hash
	}
	return dst
}

func taggedSet(hash string) RuleSet {
	s := testSet(hash)
	s.New = func() Judge { return taggedJudge{hash: hash} }
	return s
}

// Each batch is judged by the rules that hold at its place, whichever worker takes it and whenever the rules were loaded.
func TestRulesHoldFromTheirPlaceOn(t *testing.T) {
	w := newWorld()
	var want []string
	for i := range 50 {
		hash := fmt.Sprint("set ", i/10)
		if i%10 == 0 {
			w.append(controlBatch(string(RulesMessage(hash))))
		}
		w.append(auditLines(1000, fmt.Sprintf("%d e%02d 0", i, i)))
		want = append(want, fmt.Sprintf("e%02d %s", i, hash))
	}
	var got []string
	cfg := DefaultStreamConfig()
	cfg.Workers = 4
	p := w.start(cfg, func(parts *StreamParts) {
		parts.Sink = sinkFunc(func(alerts []*event.Alert) error {
			for _, a := range alerts {
				got = append(got, a.Details.EventID+" "+a.Message)
			}
			return nil
		})
	})
	p.source.before = func(seq uint64) { // loaded shortly before they are asked for
		if seq%11 == 1 {
			p.rules.Add(taggedSet(fmt.Sprint("set ", seq/11)))
		}
	}
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(w.quarantine) != 0 {
		t.Error(diff, w.quarantine)
	}
	if w.checkpoint.Rules != "set 4" || len(p.rules.sets) != maxRuleSets {
		t.Errorf("%+v, %d sets", w.checkpoint, len(p.rules.sets))
	}
}

// What another hub has loaded and this one has not is told, and the rules stay; once they are loaded here, they hold.
func TestRulesOfAnotherHub(t *testing.T) {
	w := newWorld(controlBatch(string(RulesMessage("other"))), auditLines(1000, "1 a 0"), controlBatch("no JSON"), controlBatch(`{"tick":1}`), auditLines(1000, "2 b 0"))
	p := w.start(DefaultStreamConfig())
	p.source.before = func(seq uint64) {
		if seq == 5 {
			p.rules.Add(testSet("other"))
		}
	}
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.checkpoint.Rules != "other" || p.rules.InForce() != "other" || len(w.alerts) != 2 || len(w.quarantine) != 2 {
		t.Errorf("%+v %v", w.checkpoint, w.quarantine)
	}
	for f := range w.quarantine {
		if !strings.Contains(f, "is not loaded here") && !strings.Contains(f, "control message: ") {
			t.Error(f)
		}
	}
	p.rules.Add(testSet("next"))
	if p.rules.InForce() != "other" {
		t.Error("rules hold that nothing in the stream named")
	}
}

// A hub that begins again reads what an earlier rule set judged: it judges that as before, if it has it.
func TestRulesOfTheCheckpoint(t *testing.T) {
	w := newWorld(auditLines(1000, "1 a 0"))
	for _, hash := range []string{"two", "unknown"} {
		rules := NewRuleSets(testSet("one"))
		rules.Add(testSet("two"))
		cfg := DefaultStreamConfig()
		cfg.Rules = hash
		want := map[string]string{"two": "two", "unknown": "one"}[hash]
		w.start(cfg, func(p *StreamParts) { p.Rules = rules })
		if got := rules.InForce(); got != want {
			t.Errorf("%s is in force, not %s", got, want)
		}
	}
}
