package main

import (
	"fmt"
	"strings"
)

// tally counts what a test binary prints in verbose mode.
type tally struct {
	Passed, Failed, Skipped int
	Faults                  []string // the names of tests that failed or skipped
}

func (t *tally) line(line string) {
	for word, count := range map[string]*int{"--- PASS: ": &t.Passed, "--- FAIL: ": &t.Failed, "--- SKIP: ": &t.Skipped} {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), word); ok {
			*count++
			if count != &t.Passed {
				t.Faults = append(t.Faults, name)
			}
		}
	}
}

// verdict says what is wrong with a run that ended with this status; nil is nothing. A test that skips has not been run on that
// kernel, and one that no test ran on shows nothing.
func (t *tally) verdict(status int) error {
	switch {
	case status != 0 || t.Failed > 0:
		return fmt.Errorf("status %d: %s", status, strings.Join(t.Faults, ", "))
	case t.Skipped > 0:
		return fmt.Errorf("skipped: %s", strings.Join(t.Faults, ", "))
	case t.Passed == 0:
		return fmt.Errorf("no test ran")
	}
	return nil
}
