package audit

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// realLines are the lines of the real logs: the sample that ships with the project, and those of PARALLAX_TEST_DATA if it is set.
func realLines(tb testing.TB) [][]byte {
	tb.Helper()
	files := []string{"../../examples/audit/sample.log"}
	if dir := os.Getenv("PARALLAX_TEST_DATA"); dir != "" {
		more, err := filepath.Glob(filepath.Join(dir, "audit", "*.log"))
		if err != nil {
			tb.Fatal(err)
		}
		files = append(files, more...)
	}
	var lines [][]byte
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		lines = append(lines, bytes.Split(bytes.TrimSpace(data), []byte("\n"))...)
	}
	return lines
}

func TestSlowReadsRealLines(t *testing.T) {
	var e Event
	for _, line := range realLines(t) {
		end, err := e.decode(line, false, &tail{})
		if err != nil || end != len(line) {
			t.Fatalf("ended at %d of %d: %v", end, len(line), err)
		}
		sameAsOracle(t, &e, line)
	}
}

func TestFastReadsRealLines(t *testing.T) {
	var e Event
	var f tails
	for _, line := range realLines(t) {
		tl := f.find(line)
		if tl.start == 0 {
			t.Fatalf("no tail: %s", line)
		}
		end, err := e.decode(line, false, &tl)
		if err != nil || end != len(line) {
			t.Fatalf("ended at %d of %d: %v", end, len(line), err)
		}
		sameAsOracle(t, &e, line)
	}
}

func BenchmarkDecode(b *testing.B) {
	lines := realLines(b)
	size := 0
	for _, l := range lines {
		size += len(l)
	}
	run := func(name string, f func(line []byte)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size / len(lines)))
			for i := 0; b.Loop(); i++ {
				f(lines[i%len(lines)])
			}
		})
	}
	var e Event
	var f tails
	run("fast", func(line []byte) {
		tl := f.find(line)
		if _, err := e.decode(line, false, &tl); err != nil {
			b.Fatal(err)
		}
	})
	run("slow", func(line []byte) {
		if _, err := e.decode(line, false, &tail{}); err != nil {
			b.Fatal(err)
		}
	})
}
