package auditlog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/rules"
)

// load loads one rule for each condition, named by it. needs is what all of them need.
func load(t *testing.T, needs string, conditions ...string) []rules.Rule {
	t.Helper()
	var file strings.Builder
	for _, c := range conditions {
		fmt.Fprintf(&file, "- rule: >-\n    %s\n  desc: d\n  output: o\n  priority: NOTICE\n  source: k8s_audit\n  condition: %s\n  needs: %s\n", c, c, needs)
	}
	set, found := rules.Load(rules.Env{Fields: audit.Fields()}, []rules.File{{Name: "test.yaml", Data: []byte(file.String())}})
	if set == nil {
		t.Fatal(found)
	}
	return set.Rules()
}

// line is an event.
func line(level, stage, verb, resource string) string {
	resource, sub, _ := strings.Cut(resource, "/")
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":%q,"auditID":"a","stage":%q,"requestURI":"/","verb":%q,`+
		`"user":{"username":"alice","groups":["dev"]},"sourceIPs":["192.0.2.1"],"objectRef":{"resource":%q,"subresource":%q},"responseStatus":{"code":200},`+
		`"stageTimestamp":"2026-11-20T23:49:03.111977Z","annotations":{"authorization.k8s.io/decision":"allow"}}`, level, stage, verb, resource, sub)
}

// surveyed takes in lines.
func surveyed(lines ...string) *Survey {
	s, d := New(), audit.NewDecoder()
	d.CountTo(s.Seen())
	data := []byte(strings.Join(lines, "\n"))
	d.Decode(&event.Batch{Origin: "log", Line: 1, Data: data}, func(e event.Event) { s.Add(e.(*audit.Event)) }, s.Fault)
	return s
}

func wrapped(t *testing.T, format, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(format, b)
}

func admin(t *testing.T, text string) string {
	t.Helper()
	return wrapped(t, `{"category":"kube-audit-admin","properties":{"log":%s}}`, text)
}

func TestCounts(t *testing.T) {
	r := surveyed(
		line("Metadata", "ResponseComplete", "get", "secrets"), line("Request", "ResponseStarted", "create", "pods/exec"), "torn",
		wrapped(t, `{"log":%s}`, line("Request", "ResponseComplete", "create", "pods")), `{"log":"I1120 23:49:03.111977 1 x.go:1] y"}`,
	).Report(nil)
	want := Report{
		Events: 3, First: "2026-11-20T23:49:03.111977Z", Last: "2026-11-20T23:49:03.111977Z", BadLines: 1,
		CameIn:  map[string]uint64{"audit.k8s.io": 2, "wrapped by a log shipper": 1},
		LeftOut: map[string]uint64{"logs of other components": 1},
		Levels:  map[string]uint64{"Metadata": 1, "Request": 2}, Stages: map[string]uint64{"ResponseComplete": 2, "ResponseStarted": 1},
		Verbs:   map[string]uint64{"get": 1, "create": 2},
		Missing: []string{}, Rules: []BlindRule{}, Unseen: []RuleName{},
	}
	if d := cmp.Diff(want, r); d != "" {
		t.Error(d)
	}
}

func TestEmptyLog(t *testing.T) {
	r := surveyed("torn").Report(load(t, "{level: Request}", "audit.act = exec"))
	var b strings.Builder
	if err := r.WriteText(&b); err != nil || r.Events != 0 || len(r.Rules) > 0 || !strings.HasPrefix(b.String(), "There is no audit event in this log.\nCould not be read: 1 ") {
		t.Errorf("%v %+v %s", err, r, b.String())
	}
}

// verdicts are what the report says of rules, by name.
func verdicts(r Report) map[string]string {
	out := map[string]string{}
	for _, b := range r.Rules {
		how := "blind"
		if b.Partly {
			how = "in part"
		}
		out[b.Name] = how + ": " + strings.Join(b.Missing, "; ")
	}
	for _, u := range r.Unseen {
		out[u.Name] = "unseen"
	}
	return out
}

func TestWithoutReads(t *testing.T) {
	s := surveyed(admin(t, line("Request", "ResponseComplete", "create", "pods")), admin(t, line("Request", "ResponseComplete", "create", "pods/exec")))
	r := s.Report(load(
		t, "{level: Metadata}", "audit.act = exec", "audit.read in (one, list)", "ka.verb in (get, list) and audit.resource = pods", "audit.act = create", "audit.act = read",
		"ka.verb != get", "not audit.act in (create, modify, delete)", "audit.user = alice",
	))
	want := map[string]string{
		"audit.act = exec":                                 "in part: requests with get and list",
		"audit.read in (one, list)":                        "blind: requests with get and list",
		"ka.verb in (get, list) and audit.resource = pods": "blind: requests with get and list",
		"audit.act = read":                                 "in part: requests with get and list",
		"ka.verb != get":                                   "in part: requests with list",
		"not audit.act in (create, modify, delete)":        "in part: requests with get and list",
		"audit.user = alice":                               "in part: requests with get and list",
	}
	if d := cmp.Diff(want, verdicts(r)); d != "" {
		t.Error(d)
	}
	if !slices.ContainsFunc(r.Missing, func(m string) bool { return strings.HasPrefix(m, "get and list requests: AKS") }) {
		t.Errorf("%q", r.Missing)
	}
}

func TestLevels(t *testing.T) {
	s := surveyed(
		line("Metadata", "ResponseComplete", "create", "pods"), line("Request", "ResponseComplete", "create", "roles"), line("Metadata", "ResponseComplete", "create", "jobs"),
	)
	r := s.Report(load(
		t, "{level: Request}", "audit.resource = pods", "audit.resource in (pods, roles)", "audit.resource = roles", "audit.resource = secrets", "audit.resource in (jobs, pods)",
	))
	want := map[string]string{
		"audit.resource = pods":           "blind: level Request of pods",
		"audit.resource in (pods, roles)": "in part: level Request of pods",
		"audit.resource = secrets":        "unseen",
		"audit.resource in (jobs, pods)":  "blind: level Request of jobs, pods",
	}
	if d := cmp.Diff(want, verdicts(r)); d != "" {
		t.Error(d)
	}
}

func TestStages(t *testing.T) {
	s := surveyed(line("Metadata", "RequestReceived", "create", "pods"), line("Metadata", "ResponseComplete", "create", "roles"))
	want := map[string]string{"audit.done = true and audit.resource = pods": "blind: the stage ResponseComplete or ResponseStarted or Panic"}
	r := s.Report(load(t, "{level: Metadata}", "audit.done = true and audit.resource = pods", "audit.resource = pods", "audit.done = true"))
	if d := cmp.Diff(want, verdicts(r)); d != "" {
		t.Error(d)
	}
	r = s.Report(load(t, "{stages: [Panic]}", "audit.resource = pods"))
	if d := cmp.Diff(map[string]string{"audit.resource = pods": "blind: the stage Panic"}, verdicts(r)); d != "" {
		t.Error(d)
	}
}

func TestLostFields(t *testing.T) {
	gke := `{"protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.exec.create","resourceName":"core/v1/namespaces/d/pods/p/exec","status":{}},` +
		`"insertId":"i","timestamp":"2026-11-20T23:49:03.111977Z"}`
	conditions := []string{"audit.act = exec", "audit.exec.command contains nc", "audit.act = exec and (audit.exec.command contains nc or audit.user = eve)", "audit.act = exec and not audit.exec.command = ls"}
	r := surveyed(gke).Report(load(t, "{level: Metadata}", conditions...))
	want := map[string]string{conditions[1]: "blind: audit.exec.command", conditions[2]: "in part: audit.exec.command"}
	if d := cmp.Diff(want, verdicts(r)); d != "" {
		t.Error(d)
	}
	mixed := surveyed(gke, line("Metadata", "ResponseComplete", "get", "pods")).Report(load(t, "{level: Metadata}", conditions...))
	if len(mixed.Rules) != 0 || len(mixed.Missing) != 1 {
		t.Errorf("%+v", mixed)
	}
}

// What is in no event of a log is called missing only where there are many.
func TestMissing(t *testing.T) {
	var lines []string
	for range enough {
		lines = append(lines, line("Metadata", "ResponseComplete", "create", "pods"))
	}
	got := surveyed(lines...).Report(nil).Missing
	want := []string{
		"get and list requests: none among 100 events", "user agents: in no event", "bodies of requests and responses: in no event",
		"the stage ResponseStarted: exec, attach, port-forward, proxy and watch are told when they end only",
		"the stage RequestReceived: a request that the API server never came to log is not noticed",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// Names in a log are anybody's: there may be any number of them, and anything in them.
func TestHostileNames(t *testing.T) {
	var lines []string
	for i := range 3 * maxNames {
		lines = append(lines, line("Metadata", "ResponseComplete", fmt.Sprintf("verb%d%s", i, strings.Repeat("x", 1000)), "pods"))
	}
	r := surveyed(append(lines, line("Metadata", "ResponseComplete", "\x1b[2J", "pods"))...).Report(nil)
	if len(r.Verbs) != maxNames+1 || r.Verbs[otherName] == 0 {
		t.Errorf("%d verbs", len(r.Verbs))
	}
	for v := range r.Verbs {
		if len(v) > maxText {
			t.Errorf("verb of %d bytes", len(v))
		}
	}
	var b strings.Builder
	r.Verbs["\x1b[2J"] = 1
	if err := r.WriteText(&b); err != nil || strings.Contains(b.String(), "\x1b") {
		t.Errorf("%v, %q", err, b.String())
	}
}
