package builtin

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/rules/builtin"
	"github.com/parallax-sec/parallax/test/loaded"
)

// Each alert that the real Falco gave is passed on once, with the severity of its priority, under the name of its rule.
func TestRealFalcoAlertsArePassedOn(t *testing.T) {
	l, err := loaded.Load([]scenario.File{{Name: "falco-alerts", Data: []byte(builtin.FalcoAlerts)}})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(filepath.Dir(testData(t)), "falco", "alerts")
	for name, want := range map[string]map[string]int{
		"attacks": {"low": 141, "medium": 483, "high": 4},
		"benign":  {"low": 45, "medium": 121},
	} {
		data, err := os.ReadFile(filepath.Join(dir, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, a := range passOn(t, l, data) {
			got[event.SeverityName(a.Severity)]++
			if a.Rule.Name != a.Details.Falco.Rule || a.Message != a.Rule.Name || a.Details.Falco.Sender != "file" {
				t.Fatalf("%+v", a)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// passOn returns the alerts that come of lines of Falco's, given twice.
func passOn(t *testing.T, l *scenario.Loaded, data []byte) []*event.Alert {
	t.Helper()
	cfg := pipeline.DefaultConfig()
	cfg.Fault = func(f event.Fault) { t.Error(f) }
	batch := event.Batch{Kind: event.BatchFalco, Origin: "falco/file", Line: 1, Data: data}
	var out collected
	lane := pipeline.Lane{Source: &batches{batch, batch}, Worker: func() pipeline.Worker { return pipeline.Judged(l.Falco()) }}
	if _, err := pipeline.New(cfg, pipeline.Parts{Lanes: []pipeline.Lane{lane}, Detector: l.Detector(), Sink: &out}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return out
}

// batches is a source that hands them out.
type batches []event.Batch

func (s *batches) Next(context.Context) (*event.Batch, error) {
	if len(*s) == 0 {
		return nil, io.EOF
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return &b, nil
}
