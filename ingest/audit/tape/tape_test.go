package tape

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

func parse(t *testing.T, doc string) Node {
	t.Helper()
	d := new(Doc)
	if err := d.Parse([]byte(doc)); err != nil {
		t.Fatalf("Parse(%s): %v", doc, err)
	}
	return d.Root()
}

func TestParseRefuses(t *testing.T) {
	f := func(doc, want string) {
		t.Helper()
		var d Doc
		err := d.Parse([]byte(doc))
		var se *lex.SyntaxError
		if !errors.As(err, &se) || err.Error() != want {
			t.Errorf("Parse(%.40s): error %v, want %s", doc, err, want)
		}
		if d.Root().Kind() != Absent {
			t.Errorf("Parse(%.40s): the document is not empty after an error", doc)
		}
	}
	f("", "unexpected end of JSON at byte 0")
	f("  ", "unexpected end of JSON at byte 2")
	f("{} x", "data after the value at byte 3")
	f("@", `unexpected "@", expected a value at byte 0`)
	f("[1,]", `unexpected "]", expected a value at byte 3`)
	f(`{"a":1,}`, `unexpected "}", expected a key at byte 7`)
	f(`"abc`, "unexpected end of JSON in a string at byte 4")
	f("01", "data after the value at byte 1")
	f(strings.Repeat("[", lex.MaxDepth+1), "nested too deeply at byte 10016")
}

func TestParseRefusesLargeDocuments(t *testing.T) {
	f := func(doc string) {
		t.Helper()
		var d Doc
		if err := d.Parse([]byte(doc)); !errors.Is(err, ErrTooLarge) || d.Root().Kind() != Absent {
			t.Errorf("Parse of %d bytes: %v", len(doc), err)
		}
	}
	f("[" + strings.Repeat("0,", MaxNodes) + "0]")
	f(strings.Repeat(" ", MaxBytes) + "0")
}

func TestParseDeepestAllowed(t *testing.T) {
	parse(t, strings.Repeat("[", lex.MaxDepth)+strings.Repeat("]", lex.MaxDepth))
}

func TestText(t *testing.T) {
	f := func(doc, want string) {
		t.Helper()
		n := parse(t, doc)
		if got := n.Text(); got != want {
			t.Errorf("Text(%s) = %q, want %q", doc, got, want)
		}
		if again := n.Text(); again != want {
			t.Errorf("Text(%s) = %q the second time, want %q", doc, again, want)
		}
	}
	f(`"plain"`, "plain")
	f(`""`, "")
	f(`"\"\\\/\b\f\n\r\t"`, "\"\\/\b\f\n\r\t")
	f(`"\u0026\u00e9\u20AC"`, "&é€")
	f(`"\ud83d\ude00"`, "😀")
	f(`"\ud83d"`, "\ufffd")
	f(`"\ud83dx"`, "\ufffdx")
	f(`"\ud83d\u0041"`, "\ufffdA")
	f(`"\ud83d\ud83d\ude00"`, "\ufffd😀")
	f("\"a\xffb\"", "a\ufffdb")
	f("\"more than eight bytes \xc3\x28\"", "more than eight bytes \ufffd(")
	f("1000", "1000")
	f("1.50e3", "1.50e3")
	f("true", "true")
	f("null", "null")
	f(`{"b":1,"a":[2,"x"]}`, `{"b":1,"a":[2,"x"]}`)
	f(` { "b" : 1 , "a" : [ 2, "x" , [], {} ] } `, `{"b":1,"a":[2,"x",[],{}]}`)
	f(`{"k\u0041":"\u003c\"q\"\\ \n\r\t\u0001\u007f"}`, `{"kA":"<\"q\"\\ \n\r\t\u0001`+"\x7f\"}")
	f("[\"\xff\"]", "[\"\ufffd\"]")
}

func TestTextOfAbsent(t *testing.T) {
	var n Node
	if n.Text() != "" || n.Raw() != nil || n.Exists() || n.Len() != 0 || n.Get("a").Kind() != Absent || n.Index(0).Kind() != Absent {
		t.Error("the zero Node is not empty")
	}
}

func TestGet(t *testing.T) {
	n := parse(t, `{"a":1,"b":{"a":2},"\u0061":3,"c":null,"d":false}`)
	f := func(got Node, kind Kind, want string) {
		t.Helper()
		if got.Kind() != kind || got.Text() != want {
			t.Errorf("got %v %q, want %v %q", got.Kind(), got.Text(), kind, want)
		}
	}
	f(n.Get("a"), Number, "3") // the last of equal keys, however it is written
	f(n.Get("b").Get("a"), Number, "2")
	f(n.Get("A"), Absent, "")
	f(n.Get("c"), Null, "null")
	f(n.Get("a").Get("a"), Absent, "")
	if n.Get("c").Exists() || !n.Get("d").Exists() {
		t.Error("Exists must hold for every value but null")
	}
	if v, ok := n.Get("d").Bool(); v || !ok || n.Get("d").IsTrue() || n.Get("a").IsTrue() {
		t.Error("Bool of false")
	}
	if n.Len() != 5 {
		t.Errorf("Len = %d, want 5", n.Len())
	}
}

func TestIterate(t *testing.T) {
	n := parse(t, `{"x":[1,[2,3],{"a":4},"s"],"y":{},"x":5}`)
	var got []string
	for k, v := range n.Members() {
		got = append(got, k.Text()+"="+v.Text())
		for e := range v.Elements() {
			got = append(got, e.Text())
		}
	}
	want := []string{`x=[1,[2,3],{"a":4},"s"]`, "1", "[2,3]", `{"a":4}`, "s", "y={}", "x=5"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for range n.Elements() {
		t.Error("an object has no elements")
	}
}

func TestLookup(t *testing.T) {
	n := parse(t, `{"a":{"b/c":[10,{"~":11}]},"":{"":1}}`)
	f := func(pointer, want string) {
		t.Helper()
		if got := n.Lookup(ParsePath(pointer)).Text(); got != want {
			t.Errorf("Lookup(%s) = %q, want %q", pointer, got, want)
		}
	}
	f("/a/b~1c/0", "10")
	f("a/b~1c/0", "10")
	f("/a/b~1c/1/~0", "11")
	f("/a/b~1c/2", "")
	f("/a/b~1c/01", "")
	f("/a/b~1c/-1", "")
	f("/a/b~1c/x", "")
	f("/a/b~1c/0/x", "")
	f("//", "1")
	f("", n.Text())
	f("/", n.Text())
}

func TestReuseDoesNotAllocate(t *testing.T) {
	doc := []byte(`{"a":[1,2,{"b":"x\u0026y"}], "c":"plain","d":"\ud83d\ude00"}`)
	path := ParsePath("/a/2/b")
	var d Doc
	work := func() {
		if err := d.Parse(doc); err != nil {
			t.Fatal(err)
		}
		root := d.Root()
		_ = root.Text()
		_ = root.Lookup(path).Text()
		for k, v := range root.Members() {
			_, _ = k.Text(), v.Text()
			for e := range v.Elements() {
				_ = e.Text()
			}
		}
	}
	work()
	if n := testing.AllocsPerRun(100, work); n != 0 {
		t.Errorf("%v allocations for a document", n)
	}
}

func TestResetGivesBackLargeBuffers(t *testing.T) {
	var d Doc
	if err := d.Parse([]byte("[" + strings.Repeat("0,", keepNodes) + "0]")); err != nil {
		t.Fatal(err)
	}
	d.Reset()
	if cap(d.nodes) > keepNodes {
		t.Errorf("kept %d nodes", cap(d.nodes))
	}
}

// value is n as encoding/json would make it, with numbers as text.
func value(n Node) any {
	switch n.Kind() {
	case Bool:
		return n.IsTrue()
	case Number:
		return json.Number(n.Text())
	case String:
		return n.Text()
	case Array:
		list := []any{}
		for e := range n.Elements() {
			list = append(list, value(e))
		}
		return list
	case Object:
		m := map[string]any{}
		for k, v := range n.Members() {
			m[k.Text()] = value(v)
		}
		return m
	}
	return nil
}

func FuzzParseAgainstEncodingJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.5e+3,true,false,null,"x\u0026\ud83d\ude00"],"a":{}}`, " [ ] ", `"\ud800"`, "\"\xff\xfe\"", "[1,]", "\ufeff{}", `{"a":1}{`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		dec := json.NewDecoder(strings.NewReader(string(doc)))
		dec.UseNumber()
		var want any
		wantErr := dec.Decode(&want)
		if !json.Valid(doc) {
			wantErr = errors.New("not valid")
		}
		var d Doc
		err := d.Parse(doc)
		if err != nil && strings.HasPrefix(err.Error(), "nested too deeply") {
			return
		}
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("Parse: %v, encoding/json: %v", err, wantErr)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(want, value(d.Root())); diff != "" {
			t.Fatal(diff)
		}
		var compact any
		dec = json.NewDecoder(strings.NewReader(d.Root().Text()))
		dec.UseNumber()
		if d.Root().Kind() == String {
			return
		}
		if err := dec.Decode(&compact); err != nil {
			t.Fatalf("compact text %q: %v", d.Root().Text(), err)
		}
		if diff := cmp.Diff(want, compact); diff != "" {
			t.Fatal(diff)
		}
	})
}
