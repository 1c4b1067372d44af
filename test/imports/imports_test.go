// Package imports holds the test of the direction in which imports run (docs/ARCHITECTURE.md).
package imports

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/parallax-sec/parallax/"

// layers says, for each part, which other parts it may depend on, at any distance.
var layers = []struct {
	part  string
	may   []string
	since string
}{
	{"event", nil, "event is the model: everything imports it, so it may import the standard library only"},
	{"rules", []string{"event"}, "the engine is pure: it judges events through their fields, whoever read them"},
	{"detector", []string{"event", "rules"}, "the detector is a pure function of matches"},
	{"ingest/audit", []string{"event"}, "what reads events knows nothing of what becomes of them"},
	{"ingest/falco", []string{"event"}, "what reads events knows nothing of what becomes of them"},
	{"ingest/tail", []string{"event"}, "what follows files knows nothing of what stands in them"},
	{"bpf", nil, "the programs and their loader know records, nothing of what becomes of them"},
	{"ingest/kernel", []string{"bpf", "event"}, "what reads events knows nothing of what becomes of them"},
	{"doctor", []string{"bpf", "event", "ingest/audit", "ingest/kernel", "rules"}, "the doctor looks at the machine; it judges no events"},
	{"tlsfiles", nil, "certificates are anybody's: servers and clients, sources and sinks"},
	{"config", nil, "settings are words and numbers: the parts do not know where theirs come from"},
	{"setup", nil, "setup writes files for others; nothing of what runs later is in it"},
	{"kubeauth", nil, "who an agent is, is asked of the API server: nothing of events is needed for it"},
	{"bus", []string{"event"}, "the bus carries what others made, and knows none of them"},
	{"sinks", []string{"event", "tlsfiles"}, "a sink writes alerts, wherever they come from"},
	{"pipeline", []string{"event", "rules", "detector"}, "the loop names its source and its sink by interfaces of its own"},
}

func TestImportDirection(t *testing.T) {
	for _, l := range layers {
		t.Run(l.part, func(t *testing.T) {
			for _, pkg := range list(t, "./"+l.part+"/...") {
				for _, dep := range deps(t, pkg) {
					if !within(dep, append(l.may, l.part)) {
						t.Errorf("%s depends on %s: %s", pkg, dep, l.since)
					}
				}
			}
		})
	}
}

func TestEventImportsStandardLibraryOnly(t *testing.T) {
	for _, dep := range lines(t, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./event/...") {
		if !within(dep, []string{module + "event"}) {
			t.Errorf("event depends on %s", dep)
		}
	}
}

func TestSinksDoNotKnowEachOther(t *testing.T) {
	for _, pkg := range list(t, "./sinks/...") {
		_, below, _ := strings.Cut(pkg, "/")
		name, _, _ := strings.Cut(below, "/")
		for _, dep := range deps(t, pkg) {
			if strings.HasPrefix(dep, "sinks/") && !within(dep, []string{"sinks/" + name}) {
				t.Errorf("%s depends on %s: each sink stands alone", pkg, dep)
			}
		}
	}
}

func within(dep string, parts []string) bool {
	for _, p := range parts {
		if dep == p || strings.HasPrefix(dep, p+"/") {
			return true
		}
	}
	return false
}

// deps returns the packages of this module that pkg depends on, without the module's path.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	var out []string
	for _, d := range lines(t, "list", "-deps", module+pkg) {
		if rest, ok := strings.CutPrefix(d, module); ok {
			out = append(out, rest)
		}
	}
	return out
}

func list(t *testing.T, pattern string) []string {
	t.Helper()
	var out []string
	for _, p := range lines(t, "list", pattern) {
		out = append(out, strings.TrimPrefix(p, module))
	}
	if len(out) == 0 {
		t.Fatalf("no package matches %s", pattern)
	}
	return out
}

func lines(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return strings.Fields(string(out))
}
