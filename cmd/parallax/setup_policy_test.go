package main

import (
	"strings"
	"testing"
)

func TestSetupPolicy(t *testing.T) {
	policy := cli(t, "setup", "policy").want(t, exitDone).out
	r := cli(t, "setup", "policy", "--check", write(t, "policy.yaml", policy)).want(t, exitDone)
	if n := strings.Count(r.out, " sees "); n < 20 || n != strings.Count(r.out, "\n") {
		t.Errorf("%d rules see:\n%s", n, r.out)
	}
	for _, rule := range []string{"R01 ", "R31 ", "R61 "} {
		if !strings.Contains(r.out, rule) {
			t.Errorf("%s is not among them", rule)
		}
	}
}

func TestSetupPolicyTellsWhatIsNotSeen(t *testing.T) {
	f := func(rules string, code int, out []string, err ...string) {
		t.Helper()
		file := write(t, "policy.yaml", "apiVersion: audit.k8s.io/v1\nkind: Policy\n"+rules)
		r := cli(t, "setup", "policy", "--check", file).want(t, code, err...)
		for _, s := range out {
			if !strings.Contains(r.out, s) {
				t.Errorf("does not say %q:\n%s", s, r.out)
			}
		}
	}
	f("rules: [{level: Metadata}]", exitFailed, []string{
		"R01    blind   Privileged container requested\n",
		"               create of pods in dev by alice is logged at the level Metadata (rule 1 of the policy)\n",
		"R46    partly  ", "R20    sees    ",
	}, "rules do not see, 0 kinds of secrets")
	f("rules: [{level: None, resources: [{group: '', resources: [pods/exec]}]}, {level: RequestResponse}]", exitFailed, []string{
		"R20    blind   ", "               get of pods/exec in dev by alice is not logged (rule 1 of the policy)\n", "R01    sees    ",
	}, "warning: secrets: what they hold is logged", "4 kinds of secrets are logged")
	f("rules: [{level: metadata}]", exitUsage, nil, "policy.yaml: audit policy:", `level "metadata"`)
	cli(t, "setup", "policy", "--check", "no-such-file").want(t, exitUsage, "no-such-file")
}
