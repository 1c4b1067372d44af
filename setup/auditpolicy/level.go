package auditpolicy

import "fmt"

// Level is how much of a request is logged (audit.k8s.io/v1 Level).
type Level int8

// The levels, each with what the one before has.
const (
	None            Level = iota // nothing
	Metadata                     // who, what, when, and what came of it
	Request                      // the body of the request
	RequestResponse              // the body of the answer
)

var levelNames = [...]string{"None", "Metadata", "Request", "RequestResponse"}

// String returns the level as a policy names it.
func (l Level) String() string { return levelNames[l] }

// UnmarshalText reads a level as a policy names it.
func (l *Level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = Level(i)
			return nil
		}
	}
	return fmt.Errorf("level %q: want None, Metadata, Request or RequestResponse", text)
}
