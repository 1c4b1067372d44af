package program

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/parallax-sec/parallax/event"
)

// gen makes random conditions and events over a small vocabulary, so that they meet.
type gen struct {
	*rand.Rand
	texts, lists, numbers, addrs []*event.Field
	anys                         []*event.Field // one of whose texts has to fit
	anyNumber                    *event.Field
	all                          []*event.Field
}

var vocabulary = []string{
	"", "a", "b", "ab", "aB", "abc", "abcd", "bcd", "cd", "aaa", "aaab", "/", "/a", "/a/b", "//a//b/", "a/b/c", "x-ab-y", "AB", "system:a",
	"system:", "YWI", "YQ", "10", "9", "true", "zz", "b*", "ab-ab-ab",
}

var globs = []string{"a*", "*b", "*b*", "a?c", "[ab]*", "[!a]b*", "*", "", "/a/*", "abc", "*ab*ab*", `\*`, "b[*]", "?", "A*"}

var regexes = []string{"a.*", "[a-c]+", "(ab|cd).*", ".*bcd", "a{2,3}b?", "", "x-.*-y", "system:.+"}

var nets = []string{"10.0.0.1", "10.0.0.0/8", "192.168.0.0/16", "::1", "fe80::/10"}

var addresses = []string{"10.0.0.1", "10.1.2.3", "192.168.1.1", "8.8.8.8", "::1", "fe80::1", "nonsense", ""}

func newGen(seed uint64) *gen {
	g := &gen{Rand: rand.New(rand.NewPCG(seed, 1))}
	for i, scope := range []event.Scope{0, 0, 0, 0, event.ScopeContainer, event.ScopeContainer} {
		f := fakeField(fmt.Sprint("text", i), event.Text, scope, uint8(i%3))
		g.texts = append(g.texts, f)
	}
	for i, scope := range []event.Scope{0, 0, event.ScopeContainer} {
		f := fakeField(fmt.Sprint("list", i), event.Text, scope, 1)
		f.List = true
		g.lists = append(g.lists, f)
	}
	for i, scope := range []event.Scope{0, event.ScopeContainer} {
		g.numbers = append(g.numbers, fakeField(fmt.Sprint("number", i), event.Number, scope, 1))
	}
	g.addrs = []*event.Field{fakeField("addr", event.IP, 0, 1), fakeField("addrs", event.IP, 0, 1)}
	g.addrs[1].List = true
	for i, scope := range []event.Scope{0, event.ScopeContainer} {
		f := fakeField(fmt.Sprint("any", i), event.Text, scope, 1)
		f.Any = true
		g.anys = append(g.anys, f)
	}
	g.anyNumber = fakeField("anynumber", event.Int, 0, 1)
	g.anyNumber.Any = true
	for _, l := range [][]*event.Field{g.texts, g.lists, g.numbers, g.addrs, g.anys, {g.anyNumber}} {
		g.all = append(g.all, l...)
	}
	return g
}

func pick[T any](g *gen, from []T) T { return from[g.IntN(len(from))] }

func some[T any](g *gen, from []T, most int) []T {
	out := make([]T, g.IntN(most+1))
	for i := range out {
		out[i] = pick(g, from)
	}
	return out
}

// fieldOf picks a field that a condition of scope may name.
func (g *gen) fieldOf(from []*event.Field, scope event.Scope) Term {
	for {
		if f := pick(g, from); f.Scope == event.ScopeEvent || f.Scope == scope {
			return field(f)
		}
	}
}

func (g *gen) input() Input {
	in := Input{Scope: pick(g, []event.Scope{0, 0, event.ScopeContainer})}
	if g.IntN(10) == 0 {
		in.Source = event.SourceKernel
	}
	kids := make([]*Node, 1+g.IntN(4))
	for i := range kids {
		kids[i] = g.node(in.Scope, 3)
	}
	in.Cond = and(kids...)
	return in
}

func (g *gen) node(scope event.Scope, depth int) *Node {
	if depth == 0 || g.IntN(3) == 0 {
		return &Node{Kind: Check, Test: g.test(scope)}
	}
	switch g.IntN(12) {
	case 0, 1, 2:
		return not(g.node(scope, depth-1))
	case 3:
		return &Node{Kind: Never}
	}
	n := &Node{Kind: pick(g, []NodeKind{And, Or, Or})}
	for range 1 + g.IntN(3) {
		n.Kids = append(n.Kids, g.node(scope, depth-1))
	}
	return n
}

func (g *gen) test(scope event.Scope) *Test {
	switch g.IntN(11) {
	case 0:
		return &Test{Left: g.fieldOf(g.all, scope), Op: Exists}
	case 1:
		return g.listTest(g.fieldOf(g.lists, scope))
	case 2:
		return g.numberTest(g.number(scope))
	case 3:
		return g.addrTest()
	case 4:
		return g.pairTest(scope)
	case 5:
		return g.textTest(g.anyText(scope))
	case 6:
		return g.anyNumberTest()
	}
	return g.textTest(g.text(scope))
}

func (g *gen) text(scope event.Scope) Term {
	t := g.fieldOf(g.texts, scope)
	switch g.IntN(12) {
	case 0:
		return fn(pick(g, []string{"tolower", "toupper", "basename", "b64"}), t)
	case 1:
		return fn("concat", t, pick(g, []Term{lit("-"), g.fieldOf(g.texts, scope)}))
	case 2:
		return fn("join", lit("-"), g.fieldOf(g.lists, scope))
	}
	return t
}

func (g *gen) anyText(scope event.Scope) Term {
	t := g.fieldOf(g.anys, scope)
	if g.IntN(4) == 0 {
		return fn(pick(g, []string{"tolower", "toupper", "basename", "b64"}), t)
	}
	return t
}

func (g *gen) anyNumberTest() *Test {
	t := g.numberTest(field(g.anyNumber))
	for i, n := range t.Right.Numbers {
		t.Right.Numbers[i] = event.IntNumber(int64(n))
	}
	return t
}

func (g *gen) number(scope event.Scope) Term {
	if g.IntN(3) == 0 {
		return fn("len", g.fieldOf(append(g.lists, g.texts...), scope))
	}
	return g.fieldOf(g.numbers, scope)
}

func (g *gen) textTest(left Term) *Test {
	t := &Test{Left: left, Op: Eq + Op(g.IntN(int(PMatch)))}
	t.Mod = pick(g, []Mod{NoMod, NoMod, NoMod, OneOf, AnyOf, AllOf})
	from := vocabulary
	switch t.Op {
	case Glob, IGlob:
		from = globs
	case Regex:
		from = regexes
	case PMatch:
		from = append(globs[:8:8], vocabulary...)
	}
	t.Right.Texts = some(g, from, 5)
	if t.Op == In || t.Op == Intersects || t.Op == PMatch {
		t.Mod = NoMod
	} else if t.Mod == NoMod {
		t.Right.Texts = []string{pick(g, from)}
	}
	return t
}

func (g *gen) listTest(left Term) *Test {
	if g.IntN(4) == 0 {
		left = fn(pick(g, []string{"tolower", "toupper", "basename", "b64"}), left)
	}
	return &Test{Left: left, Op: pick(g, []Op{In, Intersects}), Right: Right{Texts: some(g, vocabulary, 8)}}
}

func (g *gen) numberTest(left Term) *Test {
	t := &Test{Left: left, Op: pick(g, []Op{Eq, Ne, Lt, Le, Gt, Ge, In, Intersects}), Mod: pick(g, []Mod{NoMod, NoMod, OneOf, AnyOf, AllOf})}
	n := 1
	if t.Op == In || t.Op == Intersects {
		t.Mod = NoMod
	}
	if t.Mod != NoMod || t.Op == In || t.Op == Intersects {
		n = g.IntN(4)
	}
	for range n {
		c := g.Uint64N(6)
		t.Right.Texts = append(t.Right.Texts, fmt.Sprint(c))
		t.Right.Numbers = append(t.Right.Numbers, c)
	}
	return t
}

func (g *gen) addrTest() *Test {
	f := pick(g, g.addrs)
	t := &Test{Left: field(f), Op: pick(g, []Op{Eq, Ne, In, Intersects})}
	n := g.IntN(3)
	if f.List {
		t.Op = pick(g, []Op{In, Intersects})
	}
	if t.Op == Eq || t.Op == Ne {
		n = 1
	}
	for range n {
		text := pick(g, nets)
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a := netip.MustParseAddr(text)
			p = netip.PrefixFrom(a, a.BitLen())
		}
		t.Right.Texts, t.Right.Nets = append(t.Right.Texts, text), append(t.Right.Nets, p)
	}
	return t
}

func (g *gen) pairTest(scope event.Scope) *Test {
	texts := []Op{Eq, Ne, Lt, Le, Gt, Ge, Contains, IContains, StartsWith, EndsWith, In, Intersects, PMatch}
	switch g.IntN(5) {
	case 3:
		return &Test{Left: g.anyText(scope), Op: pick(g, texts), Right: Right{Term: g.text(scope)}}
	case 4:
		return &Test{Left: g.text(scope), Op: pick(g, texts), Right: Right{Term: g.anyText(scope)}}
	case 0:
		return &Test{Left: g.fieldOf(g.lists, scope), Op: pick(g, []Op{In, Intersects}), Right: Right{Term: g.fieldOf(append(g.lists, g.texts...), scope)}}
	case 1:
		return &Test{Left: g.number(scope), Op: pick(g, []Op{Eq, Lt, In}), Right: Right{Term: g.number(scope)}}
	}
	return &Test{Left: g.text(scope), Op: pick(g, texts), Right: Right{Term: g.text(scope)}}
}

func (g *gen) values(scope event.Scope) map[string]any {
	values := map[string]any{}
	for _, f := range g.all {
		if f.Scope != scope || g.IntN(5) == 0 {
			continue
		}
		switch {
		case f == g.anyNumber:
			values[f.Name] = some(g, []string{"0", "1", "2", "3", "-1", "x"}, 3)
		case f.Any:
			values[f.Name] = some(g, vocabulary, 4)
		case f.Type == event.Number:
			values[f.Name] = g.Uint64N(7)
		case f.Type == event.IP && f.List:
			values[f.Name] = some(g, addresses, 3)
		case f.Type == event.IP:
			values[f.Name] = pick(g, addresses)
		case f.List:
			values[f.Name] = some(g, vocabulary, 4)
		default:
			values[f.Name] = g.value()
		}
	}
	return values
}

func (g *gen) value() string {
	if g.IntN(4) == 0 {
		return pick(g, vocabulary) + pick(g, vocabulary) + pick(g, vocabulary)
	}
	return pick(g, vocabulary)
}

func (g *gen) event() *fakeEvent {
	e := &fakeEvent{values: g.values(event.ScopeEvent)}
	if g.IntN(10) == 0 {
		e.source = event.SourceKernel
	}
	for range g.IntN(4) {
		e.elements = append(e.elements, g.values(event.ScopeContainer))
	}
	return e
}

// TestAgreesWithReference judges random events by random conditions and compares with the reference evaluator.
func TestAgreesWithReference(t *testing.T) {
	programs := 300
	if testing.Short() {
		programs = 60
	}
	for seed := range uint64(programs) {
		g := newGen(seed)
		var inputs []Input
		for range []int{1, 5, 40, 150}[seed%4] {
			inputs = append(inputs, g.input())
		}
		agree(t, inputs, g.event, 60)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func agree(t *testing.T, inputs []Input, next func() *fakeEvent, events int) {
	t.Helper()
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	for range events {
		e := next()
		want := refEval(inputs, e)
		if diff := cmp.Diff(want, ev.Eval(e, nil), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("event %v %v (-reference +program)\n%s%s", e.values, e.elements, diff, differing(inputs, want, ev.Eval(e, nil)))
		}
		agreeAlone(t, inputs, e, want)
	}
}

// agreeAlone compares conditions compiled one by one; a few suffice, since compiling takes long.
func agreeAlone(t *testing.T, inputs []Input, e *fakeEvent, want []Hit) {
	t.Helper()
	for _, h := range want[:min(len(want), 2)] {
		c, err := CompileCondition(inputs[h.Index].Cond)
		if err != nil {
			t.Fatal(err)
		}
		for elem := range h.Elem + 1 {
			if got := c.Holds(e, elem); got != (elem == h.Elem) {
				t.Fatalf("condition %d alone, element %d: %v", h.Index, elem, got)
			}
		}
	}
}

// differing shows the first condition that one side reports and the other does not.
func differing(inputs []Input, a, b []Hit) string {
	for i, in := range inputs {
		has := func(h Hit) bool { return h.Index == i }
		if slices.ContainsFunc(a, has) != slices.ContainsFunc(b, has) {
			return dump(in.Cond)
		}
	}
	return ""
}
