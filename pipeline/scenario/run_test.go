package scenario

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/rules/program"
)

var createRule = Rule{ID: "R01", Name: "made", Cond: all(check("verb", program.Eq, "create"), not(check("namespace", program.In, "kube-system")))}

func run(t *testing.T, load Load, events, alerts string) *Report {
	t.Helper()
	s, err := Parse("x.txtar", []byte("-- events.jsonl --\n"+events+"-- alerts --\n"+alerts))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(s, load)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const twoEvents = `{"id":"1","user":"alice","verb":"create","namespace":"dev","stageTimestamp":"2026-01-01T00:00:00Z"}
{"id":"2","user":"bob","verb":"delete","namespace":"dev","stageTimestamp":"2026-01-01T00:00:30Z"}
`

func TestRunPasses(t *testing.T) {
	f := func(alerts string) {
		t.Helper()
		if r := run(t, loadFake(createRule), twoEvents, alerts); r.Failed() {
			t.Errorf("%s: %s: %s", alerts, r.Variant, r.Diff)
		}
	}
	f("R01 alice medium\n")
	f("made alice medium orchestrator.namespace=dev tags=parallax\n")
	f("only: R02\nnone\n")
}

func TestRunTellsWhatAndWhy(t *testing.T) {
	f := func(alerts, want string) {
		t.Helper()
		if diff := cmp.Diff(want, run(t, loadFake(createRule), twoEvents, alerts).Diff); diff != "" {
			t.Error(diff)
		}
	}
	f("R01 alice medium\nR01 bob medium orchestrator.namespace=dev\n", `- R01 bob medium orchestrator.namespace=dev   (line 6: wanted, did not come)
R01 holds for line 2 (create pods dev/ by alice): see the alerts that came
`)
	f("none\n", `+ R01 alice medium   (came, not wanted)
    it did
R01 held on line 2 (create pods dev/ by alice) by:
    verb = create   ["create"]
    not namespace in (kube-system)   ["dev"]
`)
	f("R01 alice medium\nR09 alice low\n", "- R09 alice low   (line 6: wanted, did not come)\nR09: there is no such rule\n")
}

func TestRunTellsWhatWasMissing(t *testing.T) {
	rule := Rule{ID: "R02", Name: "part", Scope: event.ScopeContainer, Cond: all(
		check("verb", program.Eq, "create"),
		any1(check("part", program.Eq, "x"), all(check("part", program.StartsWith, "y"), check("namespace", program.Exists))),
		not(any1(check("part", program.EndsWith, "b"), check("verb", program.In, "a", "b", "c", "d", "e", "f", "g", "h"))),
	)}
	r := run(t, loadFake(rule), `{"id":"1","user":"alice","verb":"create","parts":["aa","b"],"stageTimestamp":"2026-01-01T00:00:00Z"}
`, "R02 alice medium\n")
	want := `- R02 alice medium   (line 4: wanted, did not come)
R02 came nearest on line 2 (create pods / by alice container 1), but for:
    part = x   ["aa"]
`
	if diff := cmp.Diff(want, r.Diff); diff != "" {
		t.Error(diff)
	}
}

func TestRunReportsVariants(t *testing.T) {
	// A detector that lets repetitions through raises every alert twice when events come twice.
	load := func(files []File) (*Loaded, error) {
		l, err := loadFake(createRule)(files)
		l.Detector = func() pipeline.Detector { return forgetful{} }
		return l, err
	}
	r := run(t, load, twoEvents, "R01 alice medium\n")
	if r.Variant != "every event twice" || r.CanUpdate() || r.Diff != "1 alerts as written, 2 now\n" {
		t.Errorf("%s: %s", r.Variant, r.Diff)
	}
}

type forgetful struct{}

func (forgetful) Match(m *event.Match, _ bool) *event.Alert {
	return &event.Alert{ID: "x", Rule: &event.Rule{ID: "R01"}, Severity: m.Severity, Message: m.Message, Reason: m.Output, Details: m.Details}
}

func TestRunRefusesBadEvents(t *testing.T) {
	f := func(events, want string) {
		t.Helper()
		s, err := Parse("x.txtar", []byte("-- e.json --\n"+events+"\n-- alerts --\nnone\n"))
		if err != nil {
			t.Fatal(err)
		}
		var place *SyntaxError
		if _, err = Run(s, loadFake(createRule)); !errors.As(err, &place) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", events, err)
		}
	}
	f("{}\n[1", "x.txtar:3: not JSON")
	f("{}\n{\n\"id\": 1}\n{}", "x.txtar:3: not an event")
}

func TestRulesKeepTheirLines(t *testing.T) {
	s, err := Parse("x.txtar", []byte("-- rules.yaml --\n- rule: a\n-- e.jsonl --\n{}\n-- alerts --\nnone\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Run(s, func(files []File) (*Loaded, error) {
		return nil, fmt.Errorf("%s %q", files[0].Name, files[0].Data)
	})
	if want := `x.txtar "\n- rule: a\n"`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestUpdated(t *testing.T) {
	r := run(t, loadFake(createRule), twoEvents, "# kept\n  # kept too\n\tonly: R01\nR01 bob low orchestrator.namespace=x\n")
	if !r.CanUpdate() {
		t.Error("it cannot be updated")
	}
	want := "-- events.jsonl --\n" + twoEvents + "-- alerts --\n# kept\n  # kept too\n\tonly: R01\nR01 alice medium orchestrator.namespace=dev\n"
	if diff := cmp.Diff(want, string(r.Updated())); diff != "" {
		t.Error(diff)
	}
}
