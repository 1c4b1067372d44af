// Package differential compares Parallax with what the real Falco said about the same logs and rules.
package differential

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// verdict is a rule matching the event of a time. Falco's alerts carry no audit id.
type verdict struct {
	Rule string
	Time time.Time
}

// explained are the differences that docs/FALCO.md tells, each by a documented fault of Falco's plugin: verdicts that only one side has,
// by log and rule.
var explained = map[string]map[string]int{}

func TestSameVerdictsAsFalco(t *testing.T) {
	data := os.Getenv("PARALLAX_TEST_DATA")
	if data == "" {
		t.Skip("PARALLAX_TEST_DATA is not set: it names the folder with Falco's rule files, its alerts and the audit logs")
	}
	bin := build(t)
	for _, log := range []string{"attacks", "benign"} {
		t.Run(log, func(t *testing.T) {
			want := falcoVerdicts(t, filepath.Join(data, "falco/alerts", log+".jsonl"))
			got := ourVerdicts(t, bin, filepath.Join(data, "falco/stock/k8s_audit_rules.yaml"), filepath.Join(data, "audit", log+".log"))
			compare(t, want, got, explained[log])
		})
	}
}

// compare fails for each verdict that one side has oftener than the other and that is not explained.
func compare(t *testing.T, want, got map[verdict]int, explained map[string]int) {
	t.Helper()
	diff := map[string]int{}
	for v, n := range want {
		if got[v] != n {
			diff[v.Rule] += got[v] - n
			if explained[v.Rule] == 0 {
				t.Errorf("%s at %s: falco %d, parallax %d", v.Rule, v.Time.Format(time.RFC3339Nano), n, got[v])
			}
		}
	}
	for v, n := range got {
		if want[v] == 0 {
			diff[v.Rule] += n
			if explained[v.Rule] == 0 {
				t.Errorf("%s at %s: falco 0, parallax %d", v.Rule, v.Time.Format(time.RFC3339Nano), n)
			}
		}
	}
	if len(explained) == 0 {
		explained = map[string]int{}
	}
	if d := cmp.Diff(explained, diff); d != "" {
		t.Errorf("differences by rule, explained (-) and found (+):\n%s", d)
	}
	if len(want) < 50 || len(got) < 50 {
		t.Errorf("too few verdicts to compare: falco %d, parallax %d", len(want), len(got))
	}
}

func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "parallax")
	if out, err := exec.Command("go", "build", "-o", bin, "../../cmd/parallax").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

func falcoVerdicts(t *testing.T, file string) map[verdict]int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return verdicts(t, b, func(line []byte) (verdict, error) {
		var a struct {
			Rule string
			Time time.Time
		}
		err := json.Unmarshal(line, &a)
		return verdict{a.Rule, a.Time}, err
	})
}

func ourVerdicts(t *testing.T, bin, rules, log string) map[verdict]int {
	t.Helper()
	cmd := exec.Command(bin, "replay", "--no-builtin", "--rules", rules, "--matching", "all", "--output", "json", log)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("replay: %v\n%s", err, stderr.Bytes())
	}
	return verdicts(t, out, func(line []byte) (verdict, error) {
		var a struct {
			Time time.Time `json:"@timestamp"`
			Rule struct{ Name string }
		}
		err := json.Unmarshal(line, &a)
		return verdict{a.Rule.Name, a.Time}, err
	})
}

func verdicts(t *testing.T, b []byte, parse func([]byte) (verdict, error)) map[verdict]int {
	t.Helper()
	out := map[verdict]int{}
	s := bufio.NewScanner(bytes.NewReader(b))
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		v, err := parse(s.Bytes())
		if err != nil {
			t.Fatalf("%v in %.200s", err, s.Bytes())
		}
		v.Time = v.Time.UTC()
		out[v]++
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
