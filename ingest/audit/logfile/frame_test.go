package logfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// shortReads returns what it is asked for in pieces of varying size.
type shortReads struct {
	src io.Reader
	n   int
}

func (s *shortReads) Read(p []byte) (int, error) {
	s.n = s.n*5%17 + 1
	return s.src.Read(p[:min(len(p), s.n)])
}

func frameAll(t *testing.T, cfg Config, src io.Reader) (lines []string, f *framer) {
	t.Helper()
	cfg = cfg.withDefaults()
	f = newFramer(cfg, &blockPool{size: cfg.ChunkBytes}, "x", src)
	for {
		b, err := f.next()
		if errors.Is(err, io.EOF) {
			return lines, f
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range b.Faults {
			lines = append(lines, fmt.Sprintf("%d! %s", fault.Line, fault.Reason))
		}
		lines = append(lines, dataLines(b.Line, b.Whole, string(b.Data))...)
		b.Release()
	}
}

// dataLines splits Data as the decoder does.
func dataLines(line int64, whole bool, data string) (lines []string) {
	if whole {
		return []string{fmt.Sprintf("%d whole: %s", line, data)}
	}
	for l := range strings.Lines(data) {
		if l = strings.TrimRight(l, "\r\n"); l != "" {
			lines = append(lines, fmt.Sprintf("%d: %s", line, l))
		}
		line++
	}
	return lines
}

// framings are contents and what comes of them: "LINE: text", "LINE whole: value", "LINE! fault".
var framings = []struct {
	name, in string
	want     []string
}{
	{"lines", "{\"a\":1}\n[{\"b\":2}]\n", []string{`1: {"a":1}`, `2: [{"b":2}]`}},
	{"no newline at the end", "{\"a\":1}\n{\"b\":2}", []string{`1: {"a":1}`, `2: {"b":2}`}},
	{"crlf and empty lines", "\r\n{\"a\":1}\r\n\n\r\n{\"b\":2}\r\n", []string{`2: {"a":1}`, `5: {"b":2}`}},
	{"garbage is the decoder's", "hello\n{\"a\":1}\n]\n7", []string{`1: hello`, `2: {"a":1}`, `3: ]`, `4: 7`}},
	{"blanks around", "  {\"a\":1}\t\n\t\n {\"b\":2} \n", []string{"1: {\"a\":1}\t", `3: {"b":2} `}},
	{"blanks behind", "{\"a\":1} \n{\"b\":2}\t\r\n[3]" + strings.Repeat(" ", 20) + "\n", []string{`1: {"a":1} `, "2: {\"b\":2}\t", `3 whole: [3]`}},
	{"broken behind an inner bracket", "{\"a\":{\"b\":1}\n,\"c\":2}\n{\"d\":3}\n", []string{`1: {"a":{"b":1}`, `2: "c":2}`, `3: {"d":3}`}},
	{"pretty", "{\n  \"a\": [\n    1\n  ]\n}\n{\"b\":2}\n", []string{"1 whole: {\n  \"a\": [\n    1\n  ]\n}", `6: {"b":2}`}},
	{"pretty, concatenated", "{\n1:\n", []string{"1! JSON value that begins here is not complete: unexpected '1' (line 2)", "2: 1:"}},
	{"concatenated in a line", "{\"a\":\n1}{\"b\":2}{\"c\":\n3} {\"d\":4}\n{\"e\":5}", []string{
		"1 whole: {\"a\":\n1}", "2 whole: {\"b\":2}", "2 whole: {\"c\":\n3}", `3: {"d":4}`, `4: {"e":5}`,
	}},
	{"array over lines", "[\n{\"a\":1},\n{\"b\":2}\n]\n", []string{"1 whole: [\n{\"a\":1},\n{\"b\":2}\n]"}},
	{"array, comma first", "[{\"a\":1}\n,{\"b\":2}\n]\n", []string{"1 whole: [{\"a\":1}\n,{\"b\":2}\n]"}},
	{"trailing commas", "{\"a\":1},\n{\"b\":2} , \n,{\"c\":3}\n", []string{`1 whole: {"a":1}`, `2 whole: {"b":2}`, `3: {"c":3}`}},
	{"text behind a value", "{\"a\":1} # x\n{\"b\":2}\n", []string{`1 whole: {"a":1}`, `1: # x`, `2: {"b":2}`}},
	{"cut line", "{\"a\":\"b\n{\"c\":1}\n{\"d\":2}\n", []string{
		"1! JSON value that begins here is not complete: a string is not closed at the end of the line", `2: {"c":1}`, `3: {"d":2}`,
	}},
	{"cut line behind a comma", "{\"a\":1,\n{\"c\":1}\n", []string{"1! JSON value that begins here is not complete: unexpected '{' (line 2)", `2: {"c":1}`}},
	{"cut line in an array swallows nothing", "{\"a\":[\n{\"c\":1}\n{\"d\":2}\n", []string{
		"1! JSON value that begins here is not complete: unexpected '{' (line 3)", `2: {"c":1}`, `3: {"d":2}`,
	}},
	{"cut line before pretty values", "{\"a\":[\n{\n\"c\":1}\n{\n\"d\":2}\n", []string{
		"1! JSON value that begins here is not complete: unexpected '{' (line 4)", "2 whole: {\n\"c\":1}", "4 whole: {\n\"d\":2}",
	}},
	{"cut last line", "{\"a\":1}\n{\"b\":", []string{`1: {"a":1}`, "2! JSON value that begins here is not complete at the end of the file"}},
	{"cut pretty value", "{\n\"a\":1,\n\"b\":[\n{\"c\":1},\n", []string{
		"1! JSON value that begins here is not complete at the end of the file", `2: "a":1,`, `3: "b":[`, `4 whole: {"c":1}`,
	}},
	{"broken inside", "[\n{\n\"a\":[\n1 2\n]\n}\n{\"b\":1}\n", []string{
		"1! JSON value that begins here is not complete: unexpected '2' (line 4)", "2! JSON value that begins here is not complete",
		`3: "a":[`, `4: 1 2`, `5: ]`, `6: }`, `7: {"b":1}`,
	}},
	{"control character", "{\"a\":\"\x01\"},\n{\"b\":1}\n", []string{
		`1! JSON value that begins here is not complete: control character '\x01' in a string`, `2: {"b":1}`,
	}},
	{"hole", "{\"a\":1}\n\x00\x00\x00\x00{\"b\":2}\n\x00\x00", []string{`1: {"a":1}`, "2! 4 NUL bytes left out", `2: {"b":2}`, "3! 2 NUL bytes left out"}},
	{"line of full length", strings.Repeat("x", 200) + "\n{}\n", []string{"1: " + strings.Repeat("x", 200), "2: {}"}},
	{"line too long", strings.Repeat("x", 201) + "\n{\"b\":2}\n", []string{"1! line of more than 200 bytes left out", `2: {"b":2}`}},
	{"line much too long", "{\"a\":\"" + strings.Repeat("x", 900) + "\"}\n{\"b\":2}\n", []string{"1! JSON value of more than 200 bytes: its first line is left out", `2: {"b":2}`}},
	{"last line too long", "{}\n" + strings.Repeat("x", 999), []string{"1: {}", "2! line of more than 200 bytes left out"}},
	{"long line of many values", strings.Repeat(`{"a":1}`, 60) + "\n{\"b\":2}\n", append(many(60, `1 whole: {"a":1}`), `2: {"b":2}`)},
	{"array too large", "[" + strings.Repeat("{\"a\":1}\n,", 60) + "{\"b\":\n2}\n]\n{\"c\":3}\n", append(append(
		[]string{"1! JSON array of more than 200 bytes: its elements are read one by one"}, count(60, `%d: {"a":1}`)...),
		"61 whole: {\"b\":\n2}", "63: ]", `64: {"c":3}`)},
}

func many(n int, s string) (out []string) {
	for range n {
		out = append(out, s)
	}
	return out
}

func count(n int, format string) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(format, i+1))
	}
	return out
}

// Every content must give the same lines wherever a block of it ends, and however its bytes come in.
func TestFraming(t *testing.T) {
	for _, c := range framings {
		t.Run(c.name, func(t *testing.T) {
			for chunk := 1; chunk <= len(c.in)+2; chunk++ {
				for name, src := range map[string]io.Reader{
					"whole":  strings.NewReader(c.in),
					"bytes":  iotest.OneByteReader(strings.NewReader(c.in)),
					"pieces": &shortReads{src: strings.NewReader(c.in)},
					"eof":    iotest.DataErrReader(strings.NewReader(c.in)),
				} {
					got, _ := frameAll(t, Config{ChunkBytes: chunk, MaxLineBytes: 200}, src)
					if d := cmp.Diff(c.want, got); d != "" {
						t.Fatalf("blocks of %d, %s: %s", chunk, name, d)
					}
				}
			}
		})
	}
}

// With the sizes that replay uses, lines up to 16 MiB are taken, behind whatever stands before them.
func TestLongestLine(t *testing.T) {
	const limit = 16 << 20
	f := func(before, length int, taken bool) {
		t.Helper()
		long := `["` + strings.Repeat("x", length-4) + `"]`
		in := strings.Repeat("y", before) + "\n" + long + "\n{}\n"
		got, _ := frameAll(t, Config{}, strings.NewReader(in))
		if len(got) != 3 || (got[1] == "2: "+long) != taken || got[2] != "3: {}" {
			t.Errorf("%d bytes behind %d: %d lines, second begins with %.80s", length, before, len(got), got[1])
		}
	}
	for _, before := range []int{1, 4094, 4095, 200_000, 300_000} {
		f(before, limit, true)
		f(before, limit+1, false)
	}
}
