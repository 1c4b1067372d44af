package rules_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/rules"
)

// falcoDir holds what Falco 0.44.1 with the plugins k8saudit 0.18.0 and json 0.7.4 did with rules and eight audit events.
const falcoDir = "testdata/falco"

func allFields() rules.Env {
	return rules.Env{Fields: slices.Concat(audit.Fields(), kernel.Fields())}
}

// readRows reads a file of JSON lines.
func readRows[T any](t *testing.T, path string) []T {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []T
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		rows = append(rows, row)
	}
	return rows
}

// matches says which of the eight events each rule matches, the first being 1.
func matches(t *testing.T, set *rules.Set, m rules.Matching) map[string][]int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(falcoDir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]int{}
	judge := set.NewJudge(m)
	n := 0
	yield := func(e event.Event) {
		n++
		for _, match := range judge.Judge(e, nil) {
			name := match.Rule.Name
			out[name] = append(out[name], n)
		}
	}
	fault := func(f event.Fault) { t.Errorf("%v", f) }
	audit.NewDecoder().Decode(&event.Batch{Origin: "events.jsonl", Line: 1, Data: data}, yield, fault)
	if n != 8 {
		t.Fatalf("%d events, want 8", n)
	}
	return out
}

// ours is what we do where Falco contradicts its own documentation: rows with a fault.
var ours = map[string][]int{
	"P063": {1},                      // a registry's port is not a tag
	"P084": {1},                      // the real effective user
	"P085": {1, 7},                   // the same: event 1 has a container of user 0, event 7 one of no stated user
	"P088": {1},                      // the real effective group
	"P132": {5},                      // only the binding that names bob
	"P142": {1, 2, 3, 4, 5, 6, 7, 8}, // the request's addresses
	"P144": {1, 2, 3, 4, 5, 6, 7, 8},
	"P157": {1, 2, 3, 4, 5, 6, 8}, // element by element
	"P208": nil,                   // there is no plugin
}

func TestConditions(t *testing.T) {
	type row struct {
		ID, Condition string
		Matches       []int
		LoadError     string `json:"load_error"`
		Fault         string
	}
	rows := readRows[row](t, filepath.Join(falcoDir, "conditions.jsonl"))
	if len(rows) < 150 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		t.Run(r.ID, func(t *testing.T) {
			text, err := json.Marshal(r.Condition) // a JSON string is one of YAML
			if err != nil {
				t.Fatal(err)
			}
			file := fmt.Sprintf("- rule: R\n  desc: d\n  condition: %s\n  output: o\n  priority: INFO\n  source: k8s_audit\n", text)
			set, found := rules.Load(allFields(), []rules.File{{Name: r.ID, Data: []byte(file)}})
			if (set == nil) != (r.LoadError != "") {
				t.Fatalf("%s\nfalco: %q\nours:  %v", r.Condition, r.LoadError, found)
			}
			if set == nil {
				return
			}
			want := r.Matches
			if exception, ok := ours[r.ID]; ok != (r.Fault != "") {
				t.Fatalf("fault %q, but ours is known to differ: %t", r.Fault, ok)
			} else if ok {
				want = exception
			}
			if got := matches(t, set, rules.MatchAll)["R"]; !slices.Equal(got, want) {
				t.Errorf("%s\ngot  %v\nwant %v", r.Condition, got, want)
			}
		})
	}
}

func TestRuleFiles(t *testing.T) {
	type row struct {
		File    string
		Loads   bool
		Matches map[string][]int
		Said    []string
	}
	rows := readRows[row](t, filepath.Join(falcoDir, "rulefiles.jsonl"))
	if len(rows) != 60 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		t.Run(r.File, func(t *testing.T) {
			set, found := rules.Load(allFields(), []rules.File{readFile(t, filepath.Join(falcoDir, "rulefiles", r.File))})
			if (set != nil) != r.Loads {
				t.Fatalf("falco loads: %t, said %q\nours: %v", r.Loads, r.Said, found)
			}
			if warned := len(found) > 0; set != nil && warned != (len(r.Said) > 0) {
				t.Errorf("falco said %q\nours: %v", r.Said, []rules.Diagnostic(found))
			}
			if set == nil {
				return
			}
			matching := rules.MatchAll
			if strings.HasPrefix(r.File, "order_") { // these show the order of rules, and were run with rule_matching: first
				matching = rules.MatchFirst
			}
			if d := cmp.Diff(r.Matches, matches(t, set, matching)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestStockFilesLoad(t *testing.T) {
	dir := stockDir(t)
	want := map[string]struct{ rules, blind int }{
		"falco_rules.yaml":            {25, 13},
		"falco-incubating_rules.yaml": {31, 18},
		"falco-sandbox_rules.yaml":    {37, 23},
		"k8s_audit_rules.yaml":        {48, 0},
	}
	for name, want := range want {
		set, found := rules.Load(allFields(), []rules.File{readFile(t, filepath.Join(dir, name))})
		if len(found) > 0 {
			t.Errorf("%s: %v", name, []rules.Diagnostic(found))
		}
		if set == nil {
			continue
		}
		blind := 0
		for _, r := range set.Rules() {
			if r.Blind != "" {
				blind++
			}
		}
		if len(set.Rules()) != want.rules || blind != want.blind {
			t.Errorf("%s: %d rules, %d blind, want %v", name, len(set.Rules()), blind, want)
		}
	}
}

// TestStockOutputs compares what rules print with what Falco printed for the same logs.
func TestStockOutputs(t *testing.T) {
	dir := stockDir(t)
	set, found := rules.Load(allFields(), []rules.File{readFile(t, filepath.Join(dir, "k8s_audit_rules.yaml"))})
	if set == nil {
		t.Fatal(found)
	}
	for _, log := range []string{"attacks", "benign"} {
		type alert struct {
			Rule, Output string
			Time         time.Time
		}
		want := map[string]string{}
		for _, a := range readRows[alert](t, filepath.Join(dir, "..", "alerts", log+".jsonl")) {
			_, output, _ := strings.Cut(a.Output, ": ") // time
			_, output, _ = strings.Cut(output, " ")     // priority
			want[fmt.Sprint(a.Rule, a.Time.UnixNano())] = output
		}
		got := map[string]string{}
		judge := set.NewJudge(rules.MatchAll)
		yield := func(e event.Event) {
			for _, m := range judge.Judge(e, nil) {
				got[fmt.Sprint(m.Rule.Name, e.TimeNs())] = m.Output
			}
		}
		data := readFile(t, filepath.Join(dir, "..", "..", "audit", log+".log")).Data
		audit.NewDecoder().Decode(&event.Batch{Origin: log, Line: 1, Data: data}, yield, func(f event.Fault) { t.Error(f) })
		if d := cmp.Diff(want, got); d != "" || len(got) < 100 {
			t.Errorf("%s: %d outputs\n%s", log, len(got), d)
		}
	}
}

// stockDir is where Falco's own rule files lie; they are not ours to ship.
func stockDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PARALLAX_TEST_DATA")
	if dir == "" {
		t.Skip("PARALLAX_TEST_DATA is not set: it names the directory with Falco's rule files, falco/stock/*.yaml")
	}
	return filepath.Join(dir, "falco", "stock")
}

func readFile(t *testing.T, path string) rules.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return rules.File{Name: filepath.Base(path), Data: data}
}
