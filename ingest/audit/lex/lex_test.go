package lex

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestValueAcceptsWhatJSONAccepts(t *testing.T) {
	f := func(s string) {
		t.Helper()
		r := Reader{Data: []byte(s)}
		err := r.Value()
		if ok := err == nil && r.Pos == len(s); ok != json.Valid([]byte(s)) {
			t.Errorf("%.100q: read to %d of %d: %v", s, r.Pos, len(s), err)
		}
		if err != nil && (r.Pos < 0 || r.Pos > len(s)) {
			t.Errorf("%.100q: fault at %d", s, r.Pos)
		}
	}
	for _, s := range []string{
		"", "nul", "null", "true", "false", "truex", "0", "-0", "-", "01", "1.", "1.5", ".5", "1e", "1e+", "1E-7", "+1", "1x",
		`""`, `"`, `"a`, `"\`, `"\"`, `"\u12`, `"\u12g4"`, `"\uD800"`, `"\x"`, `"\/"`, "\"\x00\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", `"12345678"`, `"1234567\"9"`,
		"[]", "[ ]", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,2]", "[1}", "[[]]", "[\n1\t,\r2 ]",
		"{}", "{ }", "{", "}", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1]`, `{ "a" : { "b" : [ ] } }`, `{1:2}`, "{,}", `{"a":1,"a":2}`,
	} {
		f(s)
	}
	for n := range 40 { // strings that end anywhere in a word of eight bytes
		f(`"` + strings.Repeat("a", n) + `"`)
		f(`"` + strings.Repeat("a", n) + `\n"`)
		f(`"` + strings.Repeat("a", n) + "\n\"")
		f(`"` + strings.Repeat("a", n) + "é\xff\"")
	}
}

func TestDepth(t *testing.T) {
	f := func(depth int, want bool) {
		t.Helper()
		r := Reader{Data: []byte(strings.Repeat(`[{"":`, depth/2) + "1" + strings.Repeat("}]", depth/2))}
		if err := r.Value(); (err == nil) != want {
			t.Errorf("%d levels: %v", depth, err)
		}
	}
	f(MaxDepth, true)
	f(MaxDepth+2, false)
	r := Reader{Data: []byte(strings.Repeat("[", 10<<20))}
	if err := r.Value(); err == nil {
		t.Error("no error")
	}
}

func TestText(t *testing.T) {
	f := func(s string) {
		t.Helper()
		var want string
		if err := json.Unmarshal([]byte(s), &want); err != nil {
			t.Fatal(err)
		}
		r := Reader{Data: []byte(s)}
		str, err := r.String()
		if err != nil || str.Start != 1 || str.End != len(s)-1 {
			t.Fatalf("%q: %+v, %v", s, str, err)
		}
		raw := s[str.Start:str.End]
		if got := string(AppendText(nil, []byte(raw))); got != want || str.Escaped != (raw != want) && !strings.Contains(raw, `\`) {
			t.Errorf("%q reads %q (escaped %v), want %q", s, got, str.Escaped, want)
		}
	}
	for _, s := range []string{
		`""`, `"plain text that is long"`, `"\"\\\/\b\f\n\r\t"`, `"é\u00e9\u2028"`, `"\ud83d\ude00"`, `"\ud83dx"`, `"\ud83d\n"`, `"\ud83d\ud83d\ude00"`, `"\ude00\ud83d"`, `"\ud800\u0041"`,
		"\"\xff\xfe\"", "\"abc\xc3\"", "\"\xed\xa0\x80\"", "\"\xf0\x9f\x98\x80\"", `"\uFFFD\u0000"`,
	} {
		f(s)
	}
}

func TestSkip(t *testing.T) {
	f := func(s string, want int) {
		t.Helper()
		r := Reader{Data: []byte(s)}
		if ok := r.Skip(); ok != (want >= 0) || ok && r.Pos != want {
			t.Errorf("%q: %v, %d", s, ok, r.Pos)
		}
	}
	f(`{"a":"}\"}","b":[{}]} x`, 21)
	f(`["1234567\\\\\\",[[[[]]]],"]"]`, 30)
	f(`"a\"b" `, 6)
	f("12,", 2)
	f("[}", 2) // brackets of both kinds count alike
	f(`{"a":1`, -1)
	f(`{"a`, -1)
	f(`"a\`, -1)
	f("12", -1)
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2.5e3,"\u00e9\n",true,false,null,{}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := Reader{Data: b}
		err := r.Value()
		valid := json.Valid(b) && len(b) > 0 && b[0] > ' ' && b[len(b)-1] > ' '
		if read := err == nil && r.Pos == len(b); read != valid && len(b) > 0 && b[0] > ' ' && b[len(b)-1] > ' ' {
			t.Fatalf("%q: %v", b, err)
		}
		if s := (Reader{Data: b}); valid && (b[0] == '{' || b[0] == '[' || b[0] == '"') && (!s.Skip() || s.Pos != len(b)) {
			t.Fatalf("%q: skipped to %d", b, s.Pos)
		}
	})
}
