package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/parallax-sec/parallax/rules"
)

const goodRule = `- rule: Mine
  id: ACME-1
  desc: d
  condition: audit.done = true and audit.act = exec
  output: "%audit.user"
  priority: WARNING
  source: k8s_audit
`

func TestRulesCheck(t *testing.T) {
	good := write(t, "good.yaml", goodRule)
	cli(t, "rules", "check", good).want(t, exitDone, "1 rule loads", "0 errors, 0 warnings")
	cli(t, "rules", "check", filepath.Dir(good)).want(t, exitDone, "1 rule loads")

	warned := write(t, "warned.yaml", goodRule+"- nonsense: x\n")
	cli(t, "rules", "check", warned).want(t, exitDone, "warned.yaml:8:", "warning", "1 warning")
	cli(t, "rules", "check", "--strict", warned).want(t, exitUsage, "--strict")

	bad := write(t, "bad.yaml", strings.Replace(goodRule, "audit.act", "audit.akt", 1)+strings.NewReplacer("Mine", "Other", "ACME-1", "ACME-2", "WARNING", "loud").Replace(goodRule))
	r := cli(t, "rules", "check", bad).want(t, exitUsage, "audit.akt", "audit.act", "loud", "do not load")
	if strings.Count(r.err, "^") < 2 {
		t.Errorf("not all errors at once:\n%s", r.err)
	}
	cli(t, "rules", "check", "/does/not/exist.yaml").want(t, exitUsage, "read rules", "/does/not/exist.yaml")
}

func TestRulesList(t *testing.T) {
	blind := write(t, "blind.yaml", "- rule: Shell\n  desc: d\n  condition: fd.name = /etc/shadow\n  output: o\n  priority: ERROR\n"+
		"- rule: Off\n  desc: d\n  condition: ka.verb = get\n  output: o\n  priority: INFO\n  source: k8s_audit\n  enabled: false\n")
	r := cli(t, "rules", "list", "--rules", blind).want(t, exitDone)
	for _, want := range []string{"R01    high", "-      high     syscall   blind Shell\n", "fd.name", "-      low      k8s_audit off   Off\n"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in:\n%s", want, r.out)
		}
	}
	if r := cli(t, "rules", "list", "--no-builtin", "--rules", blind).want(t, exitDone); strings.Contains(r.out, "R01") {
		t.Error("--no-builtin lists built-in rules")
	}
}

func TestRulesExplain(t *testing.T) {
	r := cli(t, "rules", "explain", "r01").want(t, exitDone)
	for _, want := range []string{"R01  Privileged container", "What it looks for", "Why it matters", "false alarm", "T1611 Escape to Host", "audit.ctr.privileged", "builtin/"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in:\n%s", want, r.out)
		}
	}
	own := write(t, "own.yaml", strings.Replace(goodRule, "desc: d", `desc: "with \x1b an escape"`, 1))
	if r := cli(t, "rules", "explain", "--rules", own, "Mine").want(t, exitDone); strings.Contains(r.out, "\x1b") {
		t.Errorf("raw escape in:\n%s", r.out)
	}
}

func TestRulesFields(t *testing.T) {
	if r := cli(t, "rules", "fields").want(t, exitDone); !strings.Contains(r.out, "audit.act ") || !strings.Contains(r.out, "event.severity ") {
		t.Error("text lacks fields")
	}
	if r := cli(t, "rules", "fields", "--source", "kernel").want(t, exitDone); strings.Contains(r.out, "audit.act ") || !strings.Contains(r.out, "proc.name ") {
		t.Error("--source kernel")
	}
	md := cli(t, "rules", "fields", "--output", "markdown").want(t, exitDone).out
	for _, want := range []string{"## Conditions on `k8s_audit`", "| `audit.label[key]` |", "## Documents of alerts", "| `parallax.status`* |"} {
		if !strings.Contains(md, want) {
			t.Errorf("markdown lacks %q", want)
		}
	}
	var doc struct{ Fields, Documents []struct{ Name string } }
	if err := json.Unmarshal([]byte(cli(t, "rules", "fields", "--output", "json").out), &doc); err != nil || len(doc.Fields) < 100 || len(doc.Documents) < 50 {
		t.Errorf("json: %v, %d, %d", err, len(doc.Fields), len(doc.Documents))
	}
}

func TestRulesTest(t *testing.T) {
	line := ""
	for l := range strings.Lines(read(t, sample)) {
		if strings.Contains(l, `/exec?command=id`) && strings.Contains(l, "ResponseComplete") {
			line = l
		}
	}
	if line == "" {
		t.Fatal("the sample has no exec of id")
	}
	scenario := func(name, alerts string) string {
		return write(t, name+".txtar", "A shell.\n-- rules.yaml --\n"+goodRule+"-- events.jsonl --\n"+line+"-- alerts --\n"+alerts+"\n")
	}
	good := scenario("good", "ACME-1 alice medium")
	if r := cli(t, "rules", "test", "--no-builtin", good).want(t, exitDone, "1 scenario, 0 failed"); !strings.HasPrefix(r.out, "ok    ") {
		t.Errorf("standard output: %s", r.out)
	}
	bad := scenario("bad", "none")
	r := cli(t, "rules", "test", "--no-builtin", good, filepath.Dir(bad)).want(t, exitFailed, "2 scenarios, 1 failed")
	if !strings.Contains(r.out, "FAIL  "+bad) || !strings.Contains(r.out, "+ ACME-1 alice medium") {
		t.Errorf("standard output: %s", r.out)
	}
	cli(t, "rules", "test", "--no-builtin", "--update", bad).want(t, exitDone)
	cli(t, "rules", "test", "--no-builtin", bad).want(t, exitDone)
	cli(t, "rules", "test", "--no-builtin", write(t, "x.txtar", "nothing\n")).want(t, exitUsage, "x.txtar:")
	cli(t, "rules", "test", t.TempDir()).want(t, exitFailed, "no *.txtar")
}

// A pipe says that it has no bytes: what comes out of it is bounded nevertheless.
func TestRulesFromAPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "rules.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("no named pipes here:", err)
	}
	f := func(content string, code int, inErr string) {
		t.Helper()
		var writing sync.WaitGroup
		writing.Go(func() { _ = os.WriteFile(pipe, []byte(content), 0o600) }) // fails where the reader has seen enough
		cli(t, "rules", "check", "--no-builtin", pipe).want(t, code, inErr)
		writing.Wait()
	}
	f("- {rule: A, desc: d, condition: ka.verb = get, output: o, priority: INFO, source: k8s_audit}\n", exitDone, "")
	f(strings.Repeat("#", 10*rules.MaxFileBytes), exitUsage, "rules.yaml: has more than 4194304 bytes")
}
