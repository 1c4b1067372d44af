package condition

import (
	"fmt"
	"strings"
)

// SyntaxError says where reading a condition stopped, and why.
type SyntaxError struct {
	Offset   int      // in bytes, from the beginning of the condition
	Reason   string   // what is wrong, where Expected does not say it
	Expected []string // what could have stood here; names of operators and transformers are given as they are written
	Found    string   // the word that stands here; empty at the end
}

// Error returns the reason and what was found.
func (e *SyntaxError) Error() string {
	what := e.Reason
	if what == "" {
		what = "expected " + alternatives(e.Expected)
	}
	switch {
	case e.Found != "":
		return fmt.Sprintf("%s, found %q", what, e.Found)
	case e.Reason == "":
		return what + ", found the end"
	}
	return what
}

func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
