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
		end, err := e.decodeSlow(line, false)
		if err != nil || end != len(line) {
			t.Fatalf("ended at %d of %d: %v", end, len(line), err)
		}
		sameAsOracle(t, &e, line)
	}
}
