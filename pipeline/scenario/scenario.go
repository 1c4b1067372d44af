package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/tools/txtar"
)

// alertsName is the section that holds the expected alerts; the names of those with what happened in the kernel begin with kernelPrefix, of those
// with alerts of Falco with falcoPrefix.
const (
	alertsName   = "alerts"
	kernelPrefix = "kernel"
	falcoPrefix  = "falco"
)

// Scenario is one scenario file, read.
type Scenario struct {
	Name    string // of the file
	Comment string
	Rules   []File // rule files that come on top of those always loaded
	Events  []File // audit events
	Kernel  []File // what happened in the kernel, a node each
	Falco   []File // alerts of Falco
	Want    []Expected
	Only    []string // rules whose alerts are compared; empty: all

	archive *txtar.Archive
}

// File is one section of a scenario.
type File struct {
	Name string
	Line int // of its first line in the scenario file, from 1
	Data []byte
}

// SyntaxError is a fault of a scenario file.
type SyntaxError struct {
	File string
	Line int
	Msg  string
}

// Error returns place and fault: "x.txtar:17: no such severity: hihg".
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

// Parse reads a scenario. Its error joins a *SyntaxError for each fault that was found.
func Parse(name string, data []byte) (*Scenario, error) {
	a := txtar.Parse(data)
	s := &Scenario{Name: name, Comment: strings.TrimSpace(string(a.Comment)), archive: a}
	var faults []error
	line := 1 + bytes.Count(a.Comment, []byte("\n"))
	alerts := 0
	for _, f := range a.Files {
		line++ // the header
		file := File{Name: f.Name, Line: line, Data: f.Data}
		switch {
		case f.Name == alertsName:
			alerts++
			faults = append(faults, s.parseAlerts(file)...)
		case strings.HasSuffix(f.Name, ".yaml"), strings.HasSuffix(f.Name, ".yml"):
			s.Rules = append(s.Rules, file)
		case strings.HasPrefix(f.Name, kernelPrefix):
			s.Kernel = append(s.Kernel, file)
		case strings.HasPrefix(f.Name, falcoPrefix):
			s.Falco = append(s.Falco, file)
		default:
			s.Events = append(s.Events, file)
		}
		line += bytes.Count(f.Data, []byte("\n"))
	}
	if alerts != 1 {
		faults = append(faults, &SyntaxError{name, line, fmt.Sprintf("%d sections named %q, want one: what the events must raise, or the word none", alerts, alertsName)})
	}
	if len(s.Events)+len(s.Kernel)+len(s.Falco) == 0 {
		faults = append(faults, &SyntaxError{name, line, "no section with events (-- events.jsonl --, -- kernel.jsonl -- or -- falco.jsonl --)"})
	}
	return s, errors.Join(faults...)
}
