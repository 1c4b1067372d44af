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

func TestProjectPatchIsBounded(t *testing.T) {
	var doc tape.Doc
	project := func(ops string) tape.Node {
		if err := doc.Parse([]byte(ops)); err != nil {
			t.Fatal(err)
		}
		var p projection
		root := p.project(doc.Root())
		if len(p.out) > 20<<20 || len(p.parts) > maxPatchParts {
			t.Errorf("%d bytes, %d parts", len(p.out), len(p.parts))
		}
		return root
	}
	value := `"` + strings.Repeat("x", 1<<20) + `"`
	project(`[{"op":"add","path":"/a","value":` + value + `}` + strings.Repeat(`,{"op":"copy","from":"/a","path":"/c/-"}`, 9000) + `]`)
	project(`[` + strings.Repeat(`{"op":"add","path":"`+strings.Repeat("/a", 1000)+`","value":1},`, 1000) + `{"op":"add","path":"/x","value":2}]`)
	if root := project(`[` + strings.Repeat(`{"op":"add","path":"/c/-","value":1},`, maxPatchOps) + `{}]`); root.Kind() != tape.Absent {
		t.Error("a patch with more operations than the API server takes was read")
	}
	long := `{"op":"add","path":"/c","value":[` + strings.Repeat("0,", 2*maxPatchParts) + `0]}`
	root := project(`[` + long + `,{"op":"replace","path":"/c/0","value":1},{"op":"add","path":"/spec/hostPID","value":true}]`)
	if !root.Get("spec").Get("hostPID").IsTrue() || root.Get("c").Len() != 2*maxPatchParts+1 {
		t.Error("a long value hides the rest of the patch")
	}
}
