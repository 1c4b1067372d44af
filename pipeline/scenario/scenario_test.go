package scenario

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	s, err := Parse("x.txtar", []byte(`Pods are made.
-- rules.yaml --
- rule: mine
-- events.jsonl --
{"a": 1}
{
  "a": 2
}
-- alerts --
# in any order
only: R01 "my rule"
R01 alice high orchestrator.namespace=dev message="a b"
"my rule" - low
`))
	if err != nil {
		t.Fatal(err)
	}
	if s.Comment != "Pods are made." || len(s.Rules) != 1 || s.Rules[0].Line != 3 || len(s.Events) != 1 || s.Events[0].Line != 5 {
		t.Errorf("got %+v", s)
	}
	want := []Expected{
		{Line: 12, Rule: "R01", User: "alice", Severity: 73, Fields: []FieldValue{{"orchestrator.namespace", "dev"}, {"message", "a b"}}},
		{Line: 13, Rule: "my rule", User: "-", Severity: 21},
	}
	if diff := cmp.Diff(want, s.Want); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"R01", "my rule"}, s.Only); diff != "" {
		t.Error(diff)
	}
	values, err := s.values(s.Events)
	if err != nil || len(values) != 2 || values[0].line != 5 || values[1].line != 6 {
		t.Errorf("values %+v, %v", values, err)
	}
}

func TestParseFaults(t *testing.T) {
	f := func(data string, want ...string) {
		t.Helper()
		_, err := Parse("x.txtar", []byte(data))
		if err == nil {
			t.Errorf("%q: no error", data)
			return
		}
		if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
			t.Errorf("%q: %s", data, diff)
		}
	}
	const events = "-- e.jsonl --\n{}\n"
	f("", `x.txtar:1: 0 sections named "alerts", want one: what the events must raise, or the word none`,
		`x.txtar:1: no section with events (-- events.jsonl --, -- kernel.jsonl -- or -- falco.jsonl --)`)
	f(events, `x.txtar:3: 0 sections named "alerts", want one: what the events must raise, or the word none`)
	f(events+"-- alerts --\n", `x.txtar:4: no alerts: write the word none if nothing may come out`)
	f(events+"-- alerts --\nnone\nR01 bob low\n", `x.txtar:4: the word none stands beside alerts`)
	f(events+"-- alerts --\nR01 bob\nR01 bob hihg\n",
		`x.txtar:4: an alert is: rule, user, severity, field=value ...; found 2 words`,
		`x.txtar:5: no such severity: hihg (want low, medium, high, critical)`)
	f(events+"-- alerts --\nR01 bob low nosuch.field=1\n", `x.txtar:4: alerts have no field nosuch.field`)
	f(events+"-- alerts --\nR01 \"bob low\n", `x.txtar:4: quotes are not closed: "bob low`)
	f(events+"-- alerts --\nR01 bob low message\n", `x.txtar:4: want field=value, found message`)
}

func TestExpectedReadsBack(t *testing.T) {
	x := Expected{Rule: "my rule", User: "a \"b\"", Severity: 99, Fields: []FieldValue{{"message", ""}, {"user.name", "x\ty"}, {"event.action", "é"}}}
	words, err := splitWords(x.String())
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseExpected(words)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(x, got); diff != "" {
		t.Errorf("%s: %s", x, diff)
	}
}
