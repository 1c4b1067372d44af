package logfile

import (
	"strings"
	"testing"
)

// Whatever a log holds, each of its bytes is scanned and moved a few times at most.
func TestWorkIsBounded(t *testing.T) {
	const limit = 64 << 10
	deep := strings.Repeat("[\n", 100)
	for name, in := range map[string]string{
		"arrays opened":          strings.Repeat("[\n", 1<<16),
		"arrays with a value":    strings.Repeat("[1,\n", 1<<16),
		"objects opened":         strings.Repeat("{\n", 1<<16),
		"objects in objects":     strings.Repeat("{\"a\":\n", 1<<15),
		"objects in arrays":      strings.Repeat("[{\"a\":[\n", 1<<15),
		"deep and long":          strings.Repeat(deep+strings.Repeat("1,\n", 100_000), 2),
		"deep, closed at last":   strings.Repeat(deep+strings.Repeat("1,\n", 3000)+"1"+strings.Repeat("]\n", 99), 20),
		"closed one by one":      strings.Repeat("[1,\n[2],\n[[3],\n4],\n", 1<<14),
		"cut lines":              strings.Repeat("{\"a\":\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n", 1<<15),
		"values in one line":     strings.Repeat("{}", 1<<17),
		"values in lines":        strings.Repeat(strings.Repeat("{}", limit/4)+"x\n", 16),
		"values, then blanks":    strings.Repeat("{}", 1<<14) + "[" + strings.Repeat(" ", 1<<17) + "]\n",
		"long value in one line": strings.Repeat("{}", 100) + "[" + strings.Repeat("1,", 1<<17),
		"brackets in one line":   strings.Repeat("[", 1<<20),
		"brackets and commas":    strings.Repeat("[[1,", 1<<16),
		"string without end":     "[\"" + strings.Repeat("a", 1<<20),
		"long lines":             strings.Repeat("{\"a\":["+strings.Repeat("[1,", limit/2)+"\n", 16),
		"holes":                  strings.Repeat("\x00", 1<<20),
		"holes and values":       strings.Repeat("\x00{}", 1<<16),
		"blanks":                 strings.Repeat(" ", 1<<20),
		"blanks and values":      strings.Repeat(" {\n}", 1<<16),
		"commas":                 strings.Repeat(",", 1<<20),
		"half full":              strings.Repeat("[\n"+strings.Repeat("1,", limit*6/10/2)+"\n", 8),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{ChunkBytes: 4 << 10, MaxLineBytes: limit}
			_, f := frameAll(t, cfg, strings.NewReader(in))
			per := func(n int64) float64 { return float64(n) / float64(len(in)) }
			t.Logf("scanned %.1f, carried %.1f times", per(f.scanned), per(f.w.carried))
			if per(f.scanned) > 4 || per(f.w.carried) > 4 {
				t.Errorf("%d bytes: scanned %.1f times, carried %.1f times", len(in), per(f.scanned), per(f.w.carried))
			}
		})
	}
}
