package policy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/logfile"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/setup/auditpolicy"
	"github.com/parallax-sec/parallax/test/loaded"
)

// recorded returns a recorded audit log of a real cluster, which was logged with bodies.
func recorded(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("PARALLAX_TEST_DATA")
	if dir == "" {
		t.Skip("PARALLAX_TEST_DATA names no directory with recorded audit logs (audit/attacks.log, audit/benign.log)")
	}
	return filepath.Join(dir, "audit", name)
}

// Recorded attacks raise the same alerts, with the same ids, when they are logged under the shipped policy.
func TestRecordedLogsUnderTheShippedPolicy(t *testing.T) {
	for _, name := range []string{"attacks.log", "benign.log"} {
		t.Run(name, func(t *testing.T) {
			full := recorded(t, name)
			data := read(t, full)
			reduced, _, err := parse(t, auditpolicy.YAML()).ReduceAll(data)
			if err != nil {
				t.Fatal(err)
			}
			under := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(under, reduced, 0o600); err != nil {
				t.Fatal(err)
			}
			before, after := replay(t, full), replay(t, under)
			if diff := cmp.Diff(before, after); diff != "" || len(before) == 0 {
				t.Errorf("alerts (- of the whole log, + of what the policy logs):\n%s", diff)
			}
			t.Logf("%d alerts; %d bytes logged of %d", len(after), len(reduced), len(data))
		})
	}
}

// replay returns the alerts of the built-in rules on a log, each as a line.
func replay(t *testing.T, log string) []string {
	t.Helper()
	reader, err := logfile.Open(logfile.DefaultConfig(), []string{log}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	l, err := loaded.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := pipeline.DefaultConfig()
	cfg.Fault = func(f event.Fault) { t.Error(f) }
	var out lines
	lane := pipeline.Lane{Source: reader, Worker: func() pipeline.Worker { return pipeline.Judged(l.Worker()) }}
	if _, err := pipeline.New(cfg, pipeline.Parts{Lanes: []pipeline.Lane{lane}, Detector: l.Detector(), Sink: &out}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// lines is a sink that writes each alert as a line.
type lines []string

func (l *lines) Write(_ context.Context, alerts []*event.Alert) error {
	for _, a := range alerts {
		*l = append(*l, fmt.Sprintf("%s %s %s %s: %s", a.ID, a.Rule.Key(), a.Details.User, event.SeverityName(a.Severity), a.Reason))
	}
	return nil
}
