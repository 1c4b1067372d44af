package rules

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// collector holds what has been defined so far, in the order of first appearance, and what was found wrong.
type collector struct {
	env      Env
	found    Diagnostics
	seen     map[Diagnostic]bool
	count    int // of definitions and additions to them, over all files
	builtin  *namespace
	user     *namespace
	rules    []*ruleDef
	byName   map[string]*ruleDef
	byID     map[string]*ruleDef // the first rule of each id
	plugins  []pluginNeed
	versions Versions
}

func newCollector(env Env) *collector {
	c := &collector{
		env: env, seen: map[Diagnostic]bool{}, builtin: newNamespace(), user: newNamespace(),
		byName: map[string]*ruleDef{}, byID: map[string]*ruleDef{}, versions: env.Versions,
	}
	if c.versions.Engine == "" {
		c.versions = DefaultVersions()
	}
	return c
}

// namespace holds the lists and macros that conditions of its files see. The built-in rules have one of their own.
type namespace struct {
	lists  []*listDef
	macros []*macroDef
	list   map[string]*listDef
	macro  map[string]*macroDef
}

func newNamespace() *namespace {
	return &namespace{list: map[string]*listDef{}, macro: map[string]*macroDef{}}
}

// def is what lists, macros and rules have in common.
type def struct {
	name    string
	at      place
	first   int // when it was defined first
	visible int // when it was defined or added to last: a macro sees what was first defined before
}

type listDef struct {
	def
	items []text
	all   text // items joined by ", ", once all files are read
	names bool // an item is the name of a list, which is taken as text
}

type macroDef struct {
	def
	cond text
}

type ruleDef struct {
	def
	id            string
	space         *namespace // of the file that defined it last
	cond          text
	output, title text
	desc, why     string
	falsePos      []string
	priority      Priority
	source        event.Source
	sourceName    string
	sourceKnown   bool
	enabled       bool
	alert         bool
	skipUnknown   bool
	tags, attack  []string
	needs         Needs
	adjust        []adjustDef
	exceptions    []*exceptionDef
	broken        bool // its definition lacks something that was reported
}

type adjustDef struct {
	cond     text
	priority Priority
}

func (d *ruleDef) item() string { return fmt.Sprintf("rule %q", d.name) }

// mark gives a definition its place and order.
func (c *collector) mark(d *def, name string, at place) {
	c.count++
	if d.name == "" {
		d.name, d.first = name, c.count
	}
	d.at, d.visible = at, c.count
}

// rule finds a rule by its name, or by its id.
func (c *collector) rule(name string) *ruleDef {
	if d := c.byName[name]; d != nil {
		return d
	}
	if d := c.byID[name]; d != nil && d.id == name {
		return d
	}
	return nil
}

func (c *collector) ruleNames() []string {
	var names []string
	for _, d := range c.rules {
		names = append(names, d.name, d.id)
	}
	return names
}

func (c *collector) errorAt(p place, item, message string) { c.report(p, item, message, "") }

func (c *collector) warnAt(p place, item, message, hint string) {
	d := newDiagnostic(p, item, message, hint)
	d.Warning = true
	c.add(d)
}

func (c *collector) report(p place, item, message, hint string) {
	c.add(newDiagnostic(p, item, message, hint))
}

// maxFound bounds how many diagnostics are kept; nobody reads more.
const maxFound = 1000

// full says that nothing more is kept, so that looking for hints would be for nothing.
func (c *collector) full() bool { return len(c.found) >= maxFound }

// add keeps a diagnostic, once.
func (c *collector) add(d Diagnostic) {
	if !c.full() && !c.seen[d] {
		c.seen[d] = true
		c.found = append(c.found, d)
	}
}

func newDiagnostic(p place, item, message, hint string) Diagnostic {
	d := Diagnostic{Item: item, Message: message, Hint: hint, Note: p.note}
	if p.file == nil {
		return d
	}
	d.File, d.fileIndex = p.file.name, p.file.index
	d.Line, d.Column = p.lineColumn()
	d.Text = p.lineText()
	return d
}
