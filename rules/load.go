package rules

import (
	"fmt"
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/program"
)

// File is a rule file, as its bytes.
type File struct {
	Name    string // as diagnostics name it
	Data    []byte
	Builtin bool // its lists and macros are seen by built-in files only, and it sees no others
}

// Env is what rules are checked against.
type Env struct {
	Fields   []event.Field // of all sources
	Versions Versions      // what the files may require; the zero value is DefaultVersions
}

// Load reads files in their order as one set. The set is nil exactly when the diagnostics hold an error; those are of all files
// and in the order of files and lines, warnings among them.
func Load(env Env, files []File) (*Set, Diagnostics) {
	c := newCollector(env)
	for i, f := range files {
		c.readFile(newFile(i, f))
	}
	c.checkPlugins()
	c.checkIDs()
	s := c.check()
	s.content = contentOf(env, files)
	slices.SortStableFunc(c.found, byPlace)
	if c.found.HasErrors() {
		return nil, c.found
	}
	if err := s.compile(); err != nil {
		return nil, append(c.found, Diagnostic{Message: err.Error()})
	}
	return s, c.found
}

func byPlace(a, b Diagnostic) int {
	if a.fileIndex != b.fileIndex {
		return a.fileIndex - b.fileIndex
	}
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}

// checkIDs reports ids that two rules have, and ids that are the name of another.
func (c *collector) checkIDs() {
	owner := map[string]*ruleDef{}
	for _, d := range c.rules {
		if named := c.byName[d.id]; named != nil && named != d {
			line, _ := named.at.lineColumn()
			c.errorAt(d.at, d.item(), fmt.Sprintf("the id %s is the name of another rule, %s:%d", d.id, named.at.file.name, line))
			continue
		}
		if d.id == "" {
			continue
		}
		if first := owner[d.id]; first != nil {
			line, _ := first.at.lineColumn()
			c.errorAt(d.at, d.item(), fmt.Sprintf("the id %s is that of rule %q already, %s:%d", d.id, first.name, first.at.file.name, line))
			continue
		}
		owner[d.id] = d
	}
}

// tell sets what alerts tell of each rule.
func (s *Set) tell() {
	for i := range s.rules {
		r := &s.rules[i]
		s.told = append(s.told, event.Rule{
			ID: r.ID, Name: r.Name, Description: r.Desc, Tags: r.Tags, Threat: event.NewThreat(r.Attack), Request: r.RequestAnchored, Silent: !r.Alert,
			Order: i,
		})
	}
}

// compile makes the program of all rules that can be judged.
func (s *Set) compile() error {
	s.tell()
	var inputs []program.Input
	for i := range s.rules {
		r := &s.rules[i]
		if r.Enabled && r.Blind == "" {
			inputs = append(inputs, program.Input{Source: r.Source, Cond: r.Node, Scope: r.Scope})
			s.judged = append(s.judged, i)
		}
		if r.Scope != event.ScopeEvent && len(r.Adjust) > 0 {
			var err error
			if r.elem, err = program.CompileCondition(r.Node); err != nil {
				return err
			}
		}
	}
	var err error
	s.program, err = program.Compile(inputs)
	return err
}
