package logfile

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
)

// scanBytes scans v from its first byte, given to the scanner one byte more at a time.
func scanBytes(v []byte) (verdict, int) {
	var s scanner
	s.reset()
	for n := 1; n <= len(v); n++ {
		if got := s.feed(v[:n]); got != wantMore {
			return got, s.pos
		}
	}
	return wantMore, s.pos
}

// checkScan compares the scanner with encoding/json on where the first value of v ends.
func checkScan(t *testing.T, v []byte) {
	t.Helper()
	if len(v) == 0 || v[0] != '{' && v[0] != '[' {
		return
	}
	dec := json.NewDecoder(bytes.NewReader(v))
	var raw json.RawMessage
	err := dec.Decode(&raw)
	got, n := scanBytes(v)
	if (err == nil) != (got == complete) {
		t.Fatalf("%q: verdict %d at %d, encoding/json says %v", v, got, n, err)
	}
	if err == nil && int64(n) != dec.InputOffset() {
		t.Fatalf("%q: ends at %d, encoding/json says %d", v, n, dec.InputOffset())
	}
	var s scanner
	s.reset()
	if at := s.feed(v); at != got || s.pos != n {
		t.Fatalf("%q: verdict %d at %d in one piece, %d at %d byte by byte", v, at, s.pos, got, n)
	}
}

func TestScannerAgreesWithEncodingJSON(t *testing.T) {
	for _, v := range []string{
		`{}`, `[]`, `{"a":1}x`, `[1,2.5,-0,-1.0e+7,1E9,0.1]`, `[01]`, `[1.]`, `[-]`, `[1e]`, `[.5]`, `[+1]`, `[tru]`, `[true,false,null]`, `[nul`,
		`{"a":{"b":[{},[]]}}`, `{"a"}`, `{"a":}`, `{,}`, `[,]`, `[1,]`, `{"a":1,}`, `[}`, `{]`, `{"a":[}]`, `["\u12g4"]`, `["\u1234\n\"\\\/\b"]`, `["\x"]`,
		"[\"a\nb\"]", "[\"a\tb\"]", "{ \"a\" :\r\n\t1 }", "[\x00]", "[\"\x7f\xff\"]", `{1:2}`, `{"a":1 "b":2}`, `[1 2]`, `[-01]`, `[1-2]`, `[1+2]`, `[1e5.5]`,
	} {
		checkScan(t, []byte(v))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	tokens := []string{"{", "}", "[", "]", ",", ":", `"a"`, `"`, `\`, "u00e9", "1", "0", "-", "+", ".", "e", "true", "null", "f", " ", "\n", "\x01"}
	for range 100_000 {
		v := []byte{"{["[rnd.IntN(2)]}
		for range rnd.IntN(12) {
			v = append(v, tokens[rnd.IntN(len(tokens))]...)
		}
		checkScan(t, v)
	}
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte(`{"a":[1,-2.5e+3,"\u0041",null,true,false,{}]} {`))
	f.Fuzz(func(t *testing.T, v []byte) {
		if bytes.Count(v, []byte("["))+bytes.Count(v, []byte("{")) < maxDepth {
			checkScan(t, v)
		}
	})
}

func TestScannerBoundsDepth(t *testing.T) {
	f := func(depth int, want verdict) {
		t.Helper()
		v := strings.Repeat("[", depth) + strings.Repeat("]", depth)
		if got, _ := scanBytes([]byte(v)); got != want {
			t.Errorf("depth %d: verdict %d, want %d", depth, got, want)
		}
	}
	f(maxDepth, complete)
	f(maxDepth+1, broken)
}
