package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

func TestJudge(t *testing.T) {
	set := mustLoad(t, "a.yaml", ruleText("disabled", "t.text = x", "  enabled: false")+
		ruleText("block", "t.text = x", "  alert: false")+
		ruleText("first", "t.text = x", "  title: First %t.text")+
		ruleText("image", "c.image startswith bad", "  adjust:\n    - {if: c.image = bad2, priority: Error}\n    - {if: t.name = n, priority: Critical}")+
		ruleText("any", "t.text = x", "  adjust: [{if: c.image = bad2, priority: Error}]")+
		ruleText("no", "t.text = y", ""))
	e := &testEvent{values: map[string]any{"t.text": "x"}, containers: []map[string]any{{"c.image": "good"}, {"c.image": "bad1"}, {"c.image": "bad2"}}}
	match := func(name, message, details string, severity int) event.Match {
		return event.Match{Rule: &set.told[set.Find(name).Index], Output: "o", Message: message, Severity: severity, Details: &event.Details{Container: details}}
	}
	block, first := match("block", "block", "event 0", 21), match("first", "First x", "event 0", 21)
	want := []event.Match{block, first, match("image", "image", "container 2", 73), match("any", "any", "event 0", 73)}
	if d := cmp.Diff(want, set.NewJudge(MatchAll).Judge(e, nil)); d != "" {
		t.Error(d)
	}
	judge := set.NewJudge(MatchFirst)
	for range 2 {
		if d := cmp.Diff(want[:2], judge.Judge(e, nil)); d != "" {
			t.Error(d)
		}
	}
	e.values["t.name"] = "n"
	if got := set.NewJudge(MatchAll).Judge(e, nil)[2].Severity; got != 99 {
		t.Errorf("severity %d", got)
	}
}

func TestParseMatching(t *testing.T) {
	for s, want := range map[string]Matching{"all": MatchAll, "first": MatchFirst} {
		if got, err := ParseMatching(s); got != want || err != nil {
			t.Errorf("%s: %v %v", s, got, err)
		}
	}
	if _, err := ParseMatching("last"); err == nil {
		t.Error("last")
	}
}
