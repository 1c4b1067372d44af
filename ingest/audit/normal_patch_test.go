package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

func TestProjectPatch(t *testing.T) {
	f := func(ops, want string) {
		t.Helper()
		var doc tape.Doc
		if err := doc.Parse([]byte(ops)); err != nil {
			t.Fatalf("%v in %s", err, ops)
		}
		var p projection
		if got := p.project(doc.Root()).Text(); got != want {
			t.Errorf("%s\nstates %s\nwant   %s", ops, got, want)
		}
		if got := p.project(doc.Root()).Text(); got != want {
			t.Errorf("%s states %s the second time", ops, got)
		}
	}
	op := func(kind, path, value string) string {
		return fmt.Sprintf(`{"op":%q,"path":%q,"value":%s}`, kind, path, value)
	}
	all := func(ops ...string) string { return "[" + strings.Join(ops, ",") + "]" }

	f(`[]`, `{}`)
	f(all(op("replace", "/spec/hostPID", "true")), `{"spec":{"hostPID":true}}`)
	f(all(op("add", "/spec/a", "1"), op("add", "/spec/b", `{"c":2}`), op("replace", "/spec/a", "3")), `{"spec":{"a":3,"b":{"c":2}}}`)
	f(all(op("add", "/metadata/labels/a~1b~01", `"x\"y"`)), `{"metadata":{"labels":{"a/b~1":"x\"y"}}}`)
	f(all(op("add", "", `{"a":1}`)), `{"a":1}`)
	f(all(op("add", "", `{"a":1}`), op("add", "/b", "2")), `{"a":1,"b":2}`)
	f(all(op("add", "ignored/spec/hostPID", "true")), `{"spec":{"hostPID":true}}`)
	f(all(op("add", "spec", "true"), op("test", "/a", "1"), op("bogus", "/a", "1"), `{"op":"add","path":"/a"}`, `{"op":"add","value":1}`, `7`), `{}`)

	// what was set before is seen by later operations
	f(all(op("add", "/spec/t", `{"s":{"x":1}}`), op("replace", "/spec/t/s/x", "2"), op("add", "/spec/t/s/y", "3")), `{"spec":{"t":{"s":{"x":2,"y":3}}}}`)
	f(all(op("add", "/c", `[{"n":0},{"n":1}]`), op("replace", "/c/1/n", "5"), op("add", "/c/0", `{"n":9}`), op("replace", "/c/0/m", "1")),
		`{"c":[{"n":0},{"n":5},{"n":9,"m":1}]}`)
	f(all(op("add", "/a", "5"), op("add", "/a/b", "6")), `{"a":5}`)

	// arrays
	f(all(op("replace", "/c/3/x", "1"), op("replace", "/c/3/y", "2"), op("replace", "/c/0/x", "3")), `{"c":[{"x":1,"y":2},{"x":3}]}`)
	f(all(op("add", "/c/-", `{"n":1}`), op("add", "/c/-", `{"n":2}`)), `{"c":[{"n":1},{"n":2}]}`)
	f(all(op("add", "/c/0", `{"n":1}`), op("add", "/c/0", `{"n":2}`), op("replace", "/c/1/n", "3")), `{"c":[{"n":3},{"n":2}]}`)
	f(all(op("replace", "/c/-1/x", "1")), `{"c":[{"x":1}]}`)
	f(all(op("add", "/metadata/labels/0", `"x"`)), `{"metadata":{"labels":{"0":"x"}}}`)

	// removal
	f(all(op("remove", "/metadata/labels/a", "0")), `{"metadata":{"labels":{"a":null}}}`)
	f(all(op("add", "/metadata/labels/a", "1"), op("remove", "/metadata/labels/a", "0")), `{"metadata":{"labels":{"a":null}}}`)
	f(all(op("remove", "/metadata/labels", "0"), op("add", "/metadata/labels/b", "1")), `{"metadata":{"labels":{"b":1}}}`)
	f(all(op("remove", "/metadata/labels/7", "0")), `{"metadata":{"labels":{"7":null}}}`)
	f(all(op("remove", "/c/0", "0")), `{}`)
	f(all(op("add", "/c", `[1,2,3]`), op("remove", "/c/0", "0"), op("replace", "/c/0", "9")), `{"c":[9,3]}`)
	f(all(op("remove", "", "0")), `{}`)

	// copies
	f(all(op("add", "/a", `{"b":true}`), `{"op":"copy","from":"/a/b","path":"/spec/hostPID"}`), `{"a":{"b":true},"spec":{"hostPID":true}}`)
	f(all(op("add", "/a", "1"), `{"op":"move","from":"/a","path":"/b"}`), `{"a":null,"b":1}`)
	f(`[{"op":"copy","from":"/unseen","path":"/b"},{"op":"move","from":"/metadata/labels/a","path":"/b"}]`, `{"metadata":{"labels":{"a":null}}}`)
}

// hostPID is a harmful operation, which nothing before it may hide.
const hostPID = `{"op":"add","path":"/spec/hostPID","value":true}`

// projectOne returns what a patch states.
func projectOne(t *testing.T, ops ...string) (*projection, tape.Node) {
	t.Helper()
	var doc tape.Doc
	if err := doc.Parse([]byte("[" + strings.Join(ops, ",") + "]")); err != nil {
		t.Fatal(err)
	}
	p := new(projection)
	root := p.project(doc.Root())
	if len(p.out) > 20<<20 || len(p.parts) > maxPatchParts {
		t.Errorf("%d bytes, %d parts", len(p.out), len(p.parts))
	}
	return p, root
}

func TestPatchHidesNothing(t *testing.T) {
	f := func(name string, ops ...string) {
		t.Helper()
		p, root := projectOne(t, append(ops, hostPID)...)
		if !root.Get("spec").Get("hostPID").IsTrue() || p.incomplete {
			t.Errorf("%s: hostPID %s, incomplete %v", name, root.Get("spec").Get("hostPID").Text(), p.incomplete)
		}
	}
	members := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":""`, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	fill := `{"op":"add","path":"/metadata/annotations","value":` + members(300_000) + `}`
	labels := make([]string, 5000)
	for i := range labels {
		labels[i] = fmt.Sprintf(`{"op":"add","path":"/metadata/labels/l%d","value":""}`, i)
	}
	f("many members", fill, `{"op":"replace","path":"/metadata/annotations/k7","value":"x"}`)
	f("many members, and labels", append(labels, fill, `{"op":"add","path":"/metadata/annotations/new","value":"x"}`)...)
	f("the most operations", strings.Repeat(`{"op":"test","path":"/a","value":1},`, maxPatchOps-2)+`{"op":"add","path":"/b","value":1}`)
	f("a long array", `{"op":"add","path":"/c","value":[`+strings.Repeat("0,", 100_000)+`0]}`, `{"op":"replace","path":"/c/0","value":1}`)
	f("keys that look like places", `{"op":"add","path":"/spec/0","value":1}`, `{"op":"add","path":"/spec/-","value":1}`)
	f("a known value with keys that look like places", `{"op":"add","path":"/spec","value":{"0":1}}`, `{"op":"add","path":"/spec/0","value":2}`)
	f("copies of what is shown", `{"op":"add","path":"/metadata/labels/a","value":"x"}`, `{"op":"move","from":"/metadata/labels/a","path":"/metadata/labels/b"}`)

	_, root := projectOne(t, `{"op":"add","path":"/a","value":{"x":1,"\u0079":2,"z":{"q":3}}}`, `{"op":"add","path":"/a/y","value":4}`, `{"op":"add","path":"/a/z/r","value":5}`,
		`{"op":"remove","path":"/a/x"}`)
	if got, want := root.Text(), `{"a":{"y":4,"z":{"q":3,"r":5},"x":null}}`; got != want {
		t.Errorf("states %s, want %s", got, want)
	}
}

func TestPatchTellsWhatItHides(t *testing.T) {
	f := func(name string, seen bool, ops ...string) {
		t.Helper()
		p, root := projectOne(t, append(ops, hostPID)...)
		if !p.incomplete || root.Get("spec").Get("hostPID").IsTrue() != seen {
			t.Errorf("%s: incomplete %v, hostPID %q", name, p.incomplete, root.Get("spec").Get("hostPID").Text())
		}
		p.reset()
		if p.incomplete {
			t.Errorf("%s: still incomplete for the next event", name)
		}
	}
	deep := strings.Repeat("/a", maxPatchDepth)
	f("too many operations", false, strings.Repeat(`{"op":"add","path":"/c/-","value":1},`, maxPatchOps)+`{}`)
	f("too deep", true, `{"op":"add","path":"`+deep+`/a","value":1}`)
	branches := make([]string, maxPatchParts/(maxPatchDepth-1)+1)
	for i := range branches {
		branches[i] = fmt.Sprintf(`{"op":"add","path":"/b%d%s","value":1}`, i, deep[2:])
	}
	f("too many parts", false, branches...)
	searches := make([]string, maxPatchSteps/100_000)
	for i := range searches {
		searches[i] = fmt.Sprintf(`{"op":"add","path":"/m/x%d/y","value":1}`, i)
	}
	f("too many steps", false, append([]string{`{"op":"add","path":"/m","value":{` + strings.Repeat(`"a":1,`, 100_000) + `"c":1}}`}, searches...)...)
	f("array with too many elements", true, `{"op":"add","path":"/c","value":[`+strings.Repeat("0,", maxPatchParts)+`0]}`,
		`{"op":"replace","path":"/c/0","value":1}`)
	value := `"` + strings.Repeat("x", 1<<20) + `"`
	f("too much copied", true, `{"op":"add","path":"/a","value":`+value+`}`, strings.Repeat(`{"op":"copy","from":"/a","path":"/c/-"},`, 4)+`{}`)
	f("copied from what is not shown", true, `{"op":"copy","from":"/spec/hostNetwork","path":"/spec/hostIPC"}`)
	f("copied from what is partly shown", true, `{"op":"add","path":"/x/y","value":1}`, `{"op":"copy","from":"/x","path":"/spec/hostIPC"}`)
	f("too many values", false, `{"op":"add","path":"/a","value":[`+strings.Repeat("0,", tape.MaxNodes/2)+`0]}`, `{"op":"copy","from":"/a","path":"/b"}`)
}
