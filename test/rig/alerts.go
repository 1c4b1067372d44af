package rig

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Key is what an alert is known by: its id and its revision.
type Key struct {
	ID       string
	Revision int
}

// Keys reads alerts as JSON lines, and counts how often each stands there. Every line must be whole.
func Keys(t testing.TB, lines []byte) map[Key]int {
	t.Helper()
	out := map[Key]int{}
	for line := range bytes.Lines(lines) {
		key, err := ParseKey(line)
		if err != nil || key.ID == "" || line[len(line)-1] != '\n' {
			t.Fatalf("%q: no line of an alert: %v", line, err)
		}
		out[key]++
	}
	return out
}

// ParseKey reads which alert a document is.
func ParseKey(doc []byte) (Key, error) {
	var d struct {
		Event    struct{ ID string }
		Parallax struct{ Revision int }
	}
	err := json.Unmarshal(doc, &d)
	return Key{d.Event.ID, d.Parallax.Revision}, err
}

// ReadKeys is Keys of a file; one that is not there is empty.
func ReadKeys(t testing.TB, file string) map[Key]int {
	t.Helper()
	lines, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return Keys(t, lines)
}

// Count is how many whole lines a file has that may be written to meanwhile; one that is not there has none.
func Count(t testing.TB, file string) int {
	t.Helper()
	lines, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return bytes.Count(lines, []byte("\n"))
}

// Replay returns the alerts of a replay of events.
func Replay(t testing.TB, program string, events []Event) map[Key]int {
	t.Helper()
	file := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(file, []byte(Log(events)), 0o600); err != nil {
		t.Fatal(err)
	}
	out := Keys(t, Output(t, program, "replay", "--output", "json", file))
	if len(out) == 0 {
		t.Fatal("the log gives no alert")
	}
	return out
}

// Same fails the test unless got holds what want does, each once.
func Same(t testing.TB, want, got map[Key]int) {
	t.Helper()
	missing, twice, more := 0, 0, 0
	for k := range want {
		switch n := got[k]; {
		case n == 0:
			missing++
		case n > 1:
			twice++
		}
	}
	for k := range got {
		if want[k] == 0 {
			more++
		}
	}
	if missing+twice+more > 0 {
		t.Errorf("of %d alerts, %d are missing, %d are there more than once; %d others", len(want), missing, twice, more)
	}
}
