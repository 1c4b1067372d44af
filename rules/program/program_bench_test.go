package program_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
	"github.com/parallax-sec/parallax/rules/program"
	"github.com/parallax-sec/parallax/rules/program/programtest"
)

// flatEvent is an audit event whose fields are decoded, so that only the evaluator is measured.
type flatEvent struct {
	values []string // "" is missing
	images []string
}

func (e *flatEvent) Source() event.Source                    { return event.SourceAudit }
func (e *flatEvent) BodyFault() error                        { return nil }
func (e *flatEvent) TimeNs() int64                           { return 0 }
func (e *flatEvent) Details(event.Scope, int) *event.Details { return nil }

func (e *flatEvent) Elements(s event.Scope) int {
	if s == event.ScopeContainer {
		return len(e.images)
	}
	return 1
}

// flatFields are fields of flat events, made as conditions name them.
type flatFields struct {
	byName map[string]*event.Field
}

// index is what the fields of both styles read.
var flatIndex = map[string]int{
	"jevt.value": 0, "ka.verb": 2, "ka.target.resource": 3, "ka.target.subresource": 4, "ka.user.name": 5, "ka.useragent": 6,
	"ka.target.namespace": 7, "ka.auth.decision": 8, "ka.auth.reason": 9, "ka.uri": 10, "ka.target.name": 11,
	"audit.done": 1, "audit.verb": 2, "audit.resource": 3, "audit.subresource": 4, "audit.user": 5, "audit.useragent": 6,
	"audit.namespace": 7, "audit.decision": 8, "audit.decision.reason": 9, "audit.uri": 10, "audit.name": 11,
}

func (f *flatFields) field(name string) *event.Field {
	if f.byName == nil {
		f.byName = map[string]*event.Field{}
	}
	if f.byName[name] == nil {
		f.byName[name] = newFlatField(name)
	}
	return f.byName[name]
}

func newFlatField(name string) *event.Field {
	f := &event.Field{Name: name, Cost: 1}
	switch name {
	case "ka.req.pod.containers.image.repository":
		f.List, f.Cost = true, 2
		f.Get = func(e event.Event, _ *event.Arg, v *event.Value) {
			for _, s := range e.(*flatEvent).images {
				v.Append(s)
			}
		}
	case "audit.ctr.image.repository":
		f.Scope, f.Cost = event.ScopeContainer, 2
		f.Get = func(e event.Event, a *event.Arg, v *event.Value) { v.SetText(e.(*flatEvent).images[a.Elem]) }
	default:
		i, ok := flatIndex[name]
		if !ok {
			panic("no field " + name)
		}
		f.Get = func(e event.Event, _ *event.Arg, v *event.Value) {
			if s := e.(*flatEvent).values[i]; s != "" {
				v.SetText(s)
			}
		}
	}
	return f
}

// inputs parses conditions and resolves their fields.
func (f *flatFields) inputs(tb testing.TB, texts []string) []program.Input {
	tb.Helper()
	var out []program.Input
	for _, text := range texts {
		expr, err := condition.Parse(text)
		if err != nil {
			tb.Fatalf("%s: %v", text, err)
		}
		in := program.Input{Cond: f.node(expr)}
		if strings.Contains(text, "audit.ctr.") {
			in.Scope = event.ScopeContainer
		}
		out = append(out, in)
	}
	return out
}

func (f *flatFields) node(e condition.Expr) *program.Node {
	switch e := e.(type) {
	case *condition.And:
		return &program.Node{Kind: program.And, Kids: f.nodes(e.Kids)}
	case *condition.Or:
		return &program.Node{Kind: program.Or, Kids: f.nodes(e.Kids)}
	case *condition.Not:
		return &program.Node{Kind: program.Not, Kids: f.nodes([]condition.Expr{e.Kid})}
	}
	c := e.(*condition.Check)
	left := c.Left.(*condition.Field)
	t := &program.Test{Left: &program.FieldTerm{Field: f.field(left.Name)}, Op: ops[c.Op]}
	switch r := c.Right.(type) {
	case *condition.Text:
		t.Right.Texts = []string{r.Value}
	case *condition.List:
		for _, item := range r.Items {
			t.Right.Texts = append(t.Right.Texts, item.(*condition.Text).Value)
		}
	}
	return &program.Node{Kind: program.Check, Test: t}
}

var ops = map[condition.Op]program.Op{
	condition.OpExists: program.Exists, condition.OpEq: program.Eq, condition.OpIn: program.In, condition.OpContains: program.Contains,
	condition.OpStartsWith: program.StartsWith, condition.OpEndsWith: program.EndsWith,
}

func (f *flatFields) nodes(es []condition.Expr) (out []*program.Node) {
	for _, e := range es {
		out = append(out, f.node(e))
	}
	return out
}

// flatEvents makes events like those of a cluster with 5,000 nodes: mostly nodes and controllers at work, few people, hardly anybody
// whom the rules are about.
func flatEvents(n int) []*flatEvent {
	r := rand.New(rand.NewPCG(3, 3))
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	out := make([]*flatEvent, n)
	for i := range out {
		e := &flatEvent{values: make([]string, 12)}
		ns, resource := fmt.Sprint("ns-", r.IntN(60)), pick("leases", "leases", "pods", "configmaps", "endpoints", "nodes", "secrets", "events", "deployments", "jobs")
		name := fmt.Sprint(pick("app-", "web-7f9c5-", "worker-", "db-"), r.IntN(20000))
		user := fmt.Sprint("system:node:worker-", r.IntN(5000))
		switch x := r.IntN(100); {
		case x < 30:
			user = pick("system:kube-scheduler", "system:kube-controller-manager", "system:apiserver", "system:serviceaccount:kube-system:generic-garbage-collector")
		case x < 48:
			user = pick("alice@example.com", "kubernetes-admin", "cluster-autoscaler")
		case x < 50:
			user = fmt.Sprint("user-", r.IntN(600))
		}
		agent := pick("kubelet/v1.31.0 (linux/amd64) kubernetes/9edcffc", "kube-controller-manager/v1.31.0 (linux/amd64) kubernetes/9edcffc/leader-election",
			"kube-scheduler/v1.31.0 (linux/amd64) kubernetes/9edcffc/scheduler", "kubectl/v1.31.0 (linux/amd64) kubernetes/9edcffc", "Go-http-client/2.0")
		if r.IntN(300) == 0 {
			agent = pick("curl/8.5.0", fmt.Sprint("hack", r.IntN(400)))
		}
		copy(e.values, []string{
			pick("ResponseComplete", "ResponseComplete", "ResponseComplete", "ResponseStarted"), "true",
			pick("get", "get", "list", "watch", "update", "update", "patch", "create", "delete"), resource, pick("", "", "", "", "status"),
			user, agent, ns, "allow", `RBAC: allowed by ClusterRoleBinding "` + user + `" of ClusterRole "` + pick("system:node", "edit", "admin", fmt.Sprint("x", r.IntN(2000))) + `"`,
			"/api/v1/namespaces/" + ns + "/" + resource + "/" + name + pick("", "?timeout=10s", "?fieldManager=kubectl&limit=500"), name,
		})
		if e.values[0] != "ResponseComplete" {
			e.values[1] = "false"
		}
		if r.IntN(50) == 0 {
			e.values[8] = "forbid"
		}
		if e.values[2] == "create" {
			e.images = []string{fmt.Sprint("registry.example.com/img-", r.IntN(500)), "docker.io/istio/proxyv2"}
		}
		out[i] = e
	}
	return out
}

func benchmarkEval(b *testing.B, rules int) {
	var fields flatFields
	p, err := program.Compile(fields.inputs(b, programtest.Generate(rules, 7)))
	if err != nil {
		b.Fatal(err)
	}
	events := flatEvents(20000)
	ev := program.NewEvaluator(p)
	var hits []program.Hit
	total := 0
	for _, e := range events {
		hits = ev.Eval(e, hits[:0])
		total += len(hits)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		hits = ev.Eval(events[i%len(events)], hits[:0])
		i++
	}
	b.ReportMetric(float64(total)/float64(len(events)), "hits/event")
}

func BenchmarkEval150(b *testing.B)   { benchmarkEval(b, 150) }
func BenchmarkEval1500(b *testing.B)  { benchmarkEval(b, 1500) }
func BenchmarkEval10000(b *testing.B) { benchmarkEval(b, 10000) }

func BenchmarkCompile10000(b *testing.B) {
	var fields flatFields
	inputs := fields.inputs(b, programtest.Generate(10000, 7))
	for b.Loop() {
		if _, err := program.Compile(inputs); err != nil {
			b.Fatal(err)
		}
	}
}
