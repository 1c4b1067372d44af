package main

import (
	"strings"
	"testing"
)

// mixed is a scenario of an audit event and two nodes' kernels.
const mixed = `Bob's exec, and the shell that it brought.
-- rules.yaml --` + kernelRules + `
- rule: Exec
  id: A-1
  desc: an exec
  condition: audit.done = true and audit.act = exec
  output: "%audit.actor"
  priority: WARNING
  source: k8s_audit
-- events.jsonl --
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","verb":"get","requestURI":"/api/v1/namespaces/shop/pods/web-1/exec?command=sh","user":{"username":"bob"},"objectRef":{"resource":"pods","namespace":"shop","name":"web-1","subresource":"exec","apiVersion":"v1"},"responseStatus":{"code":101},"requestReceivedTimestamp":"2026-01-01T00:00:01.000000Z","stageTimestamp":"2026-01-01T00:00:05.000000Z"}
-- kernel-a.jsonl --
{"container":{"name":"web","pod":"web-1","namespace":"shop","image":"nginx:1.27"}}
{"exec":{"pid":100,"container":"web","exe":"/usr/sbin/nginx","time":"2026-01-01T00:00:00Z"}}
{"exec":{"pid":200,"container":"web","exe":"/bin/sh","tty":"pts/0","time":"+1.2s"}}
-- kernel-b.jsonl --
{"start":{"node":"node-2"}}
{"mount":{"pid":7,"source":"/dev/sdb","target":"/mnt"}}
-- alerts --
only: A-1 K-1 K-2
A-1 bob medium
K-1 - medium orchestrator.namespace=shop process.name=sh
K-2 - high
`

func TestMixedScenario(t *testing.T) {
	cli(t, "rules", "test", write(t, "mixed.txtar", mixed)).want(t, exitDone, "1 scenario, 0 failed")
}

func TestScenarioTellsWhyAKernelRuleIsSilent(t *testing.T) {
	r := cli(t, "rules", "test", write(t, "x.txtar", strings.Replace(mixed, `,"tty":"pts/0"`, "", 1))).want(t, exitFailed)
	for _, want := range []string{"K-1 came nearest on line 30 (", "proc.tty != 0"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("it does not say %q:\n%s", want, r.out)
		}
	}
}

func TestScenarioWithAKeyThatThereIsNot(t *testing.T) {
	r := cli(t, "rules", "test", write(t, "x.txtar", strings.Replace(mixed, `"tty"`, `"ttty"`, 1)))
	if r.code == exitDone || !strings.Contains(r.err, `x.txtar:30: exec: unknown key "ttty"; there are argc, `) {
		t.Errorf("%d: %s", r.code, r.err)
	}
}

// falcoScenario is one alert of Falco, which nobody asks for.
const falcoScenario = `An alert of Falco.
-- falco.jsonl --
{"hostname":"node-3","output_fields":{"proc.name":"sh"},"priority":"Error","rule":"Terminal shell","tags":["T1059"],"time":"2026-11-20T10:00:00Z"}
-- alerts --
none
`

func TestFalcoAlertsArePassedOnWhereThatIsAskedFor(t *testing.T) {
	quiet := write(t, "quiet.txtar", falcoScenario)
	cli(t, "rules", "test", quiet).want(t, exitDone, "1 scenario, 0 failed")
	passed := write(t, "passed.txtar", strings.Replace(falcoScenario, "none", `R90 - high rule.name="Terminal shell" threat.technique.id=T1059 falco.sender=scenario`, 1))
	cli(t, "rules", "test", "--falco-alerts", passed).want(t, exitDone, "1 scenario, 0 failed")
	cli(t, "rules", "test", "--falco-alerts", quiet).want(t, exitFailed, "1 failed")
	cli(t, "rules", "test", "--falco-alerts", "--no-builtin", quiet).want(t, exitUsage, "R90: not without the built-in rules")
}
