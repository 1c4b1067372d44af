package webhook

import (
	"bytes"
	"strings"
	"testing"
)

func TestLayOut(t *testing.T) {
	f := func(in string, events int, out string) {
		t.Helper()
		data := []byte(in)
		if got := layOut(data); got != events || string(data) != out {
			t.Errorf("%q: %d events in %q, want %d in %q", in, got, data, events, out)
		}
	}
	same := func(in string, events int) {
		t.Helper()
		f(in, events, in)
	}
	same(`{}`, 1)
	same(anEvent, 1)
	same(anEvent+"\n", 1)
	same(aList, 2)
	same("\n\n"+aList+"\n"+aList+"\r\n", 4)
	same(`[`+anEvent+`,`+aList+`]`, 3)
	same(`[]`, 0)
	same(`{"items":[]}`, 0)
	same(`{"items":{}}`, 1)
	same(anEvent+` `+anEvent+`,`+anEvent, 3)
	same(anEvent+"\n"+`{"torn":"`+"\n"+anEvent, 3)
	same(`{"items":[{},{},{"torn":`, 3)
	same("{\"torn\":{\n"+anEvent, 2)
	same(`{"requestObject":{"items":[1,2,3]}}`, 1)
	same("1\n2", 0)
	same("", 0)
	same("}\n]\n,", 0)

	f("{\n\t\"items\": [\n{},\r\n{}\n]\n}\n", 2, "{ \t\"items\": [ {},  {} ] }\n")
	f("[\n"+anEvent+",\n"+anEvent+"\n]", 2, "[ "+anEvent+", "+anEvent+" ]")
	f("{\n}\n"+anEvent, 2, "{ }\n"+anEvent)
}

// FuzzLayOut has any body: it changes blanks only, and does not panic.
func FuzzLayOut(f *testing.F) {
	for _, s := range []string{anEvent, aList, "[" + aList + "]", "{\n}", "{\n\"a\":\n", `{"items":[[[`, "\\\"\n{"} {
		f.Add([]byte(s))
	}
	blank := func(b []byte) []byte { return bytes.Map(toBlank, b) }
	f.Fuzz(func(t *testing.T, data []byte) {
		before := blank(data)
		events := layOut(data)
		if !bytes.Equal(before, blank(data)) {
			t.Errorf("%q became %q", before, data)
		}
		if events < 0 || events > len(data) {
			t.Errorf("%d events in %d bytes", events, len(data))
		}
	})
}

func toBlank(r rune) rune {
	if strings.ContainsRune("\r\n", r) {
		return ' '
	}
	return r
}

// BenchmarkLayOut is what is done with a body of 400 events before it is stored.
func BenchmarkLayOut(b *testing.B) {
	one := `{"level":"RequestResponse","auditID":"8c9b38df-558a-415e-8827-e4a219f75f69","requestURI":"/apis/apps/v1/namespaces/dev/deployments","user":{"username":"alice","groups":["dev"]},"requestObject":{"text":"` + strings.Repeat(`some text of a body `, 100) + `"}},`
	data := []byte(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[` + strings.Repeat(one, 399) + strings.TrimSuffix(one, ",") + "]}\n")
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if n := layOut(data); n != 400 {
			b.Fatal(n)
		}
	}
}
