package rules

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// MaxFileBytes bounds a rule file.
const MaxFileBytes = 4 << 20

// readFile reads all items of a file.
func (c *collector) readFile(f *file) {
	whole := Diagnostic{File: f.name, fileIndex: f.index}
	switch {
	case len(f.data) > MaxFileBytes:
		whole.Message = fmt.Sprintf("the file has more than %d bytes", MaxFileBytes)
		c.add(whole)
		return
	case !utf8.ValidString(f.data):
		whole.Message = "the file is not UTF-8"
		c.add(whole)
		return
	}
	r := &reader{collector: c, file: f, space: c.user}
	if f.builtin {
		r.space = c.builtin
	}
	dec := yaml.NewDecoder(strings.NewReader(f.data))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			r.yamlError(err)
			return
		}
		r.document(&doc)
	}
}

// yamlLine is how the YAML package tells places.
var yamlLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\n  )?(?:line ([0-9]+): )?`)

func (r *reader) yamlError(err error) {
	message := err.Error()
	m := yamlLine.FindStringSubmatch(message)
	d := Diagnostic{File: r.file.name, fileIndex: r.file.index, Message: message}
	if m != nil {
		d.Message = message[len(m[0]):]
		if line, err := strconv.Atoi(m[1]); err == nil && line >= 1 && line <= len(r.file.lines) {
			p := place{file: r.file, off: r.file.lines[line-1]}
			d.Line, d.Column, d.Text = line, 1, p.lineText()
		}
	}
	d.Message = "not YAML: " + d.Message
	r.add(d)
}

func (r *reader) document(doc *yaml.Node) {
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return
	}
	root := r.follow(doc.Content[0])
	if root.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(root), "", "a rule file is a list of items, not "+kindName(root))
		return
	}
	for _, n := range root.Content {
		if m, ok := r.mapping(n, ""); ok {
			r.item(m)
		}
	}
}

// item reads one item. Its kind is that of the first key in this order; this is how Falco tells them apart.
func (r *reader) item(m mapping) {
	kinds := []struct {
		key  string
		read func(mapping)
	}{
		{"required_engine_version", r.engineVersion},
		{"required_plugin_versions", r.pluginVersions},
		{"list", r.list},
		{"macro", r.macro},
		{"rule", r.rule},
	}
	var names []string
	for _, k := range kinds {
		if m.get(k.key) != nil {
			k.read(m)
			return
		}
		names = append(names, k.key)
	}
	hint := ""
	if len(m.entries) > 0 {
		hint = didYouMean(m.entries[0].key.Value, names)
	}
	r.warnAt(r.file.at(m.node), "", "unknown top level item, skipped", hint)
}

// knownKeys warns of keys that are not among known.
func (r *reader) knownKeys(m mapping, item string, known []string) {
	for _, e := range m.entries {
		if !contains(known, e.key.Value) && !r.full() {
			r.warnAt(r.file.at(e.key), item, fmt.Sprintf("unknown key %s, ignored", e.key.Value), didYouMean(e.key.Value, known))
		}
	}
}

// deprecatedAppend reads the key append of old.
func (r *reader) deprecatedAppend(m mapping, item string) bool {
	n := m.get("append")
	if n == nil {
		return false
	}
	on, _ := r.bool(n, item, "append")
	if on {
		r.warnAt(r.file.at(m.key("append")), item, "append is deprecated", "use override with append for the keys that are added to")
	}
	return on
}

// override reads which keys are appended to and which are replaced; allowed says which of the two each key may be.
func (r *reader) override(m mapping, item string, allowed map[string][]string) (modes map[string]string, has bool) {
	n := m.get("override")
	if n == nil {
		return nil, false
	}
	o, ok := r.mapping(n, item)
	if !ok {
		return nil, true
	}
	modes = map[string]string{}
	for _, e := range o.entries {
		mode, _ := r.scalar(e.value, item, "the override of "+e.key.Value)
		switch {
		case allowed[e.key.Value] == nil:
			r.report(r.file.at(e.key), item, fmt.Sprintf("%s cannot be overridden", e.key.Value), didYouMean(e.key.Value, sortedKeys(allowed)))
		case !contains(allowed[e.key.Value], mode):
			r.errorAt(r.file.at(e.value), item, fmt.Sprintf("%s can be overridden by %s, not by %q", e.key.Value, orList(allowed[e.key.Value]), mode))
		case m.get(e.key.Value) == nil:
			r.errorAt(r.file.at(e.key), item, fmt.Sprintf("override names %s, which is not given", e.key.Value))
		default:
			modes[e.key.Value] = mode
		}
	}
	for _, e := range m.entries {
		if e.key.Value == "id" {
			r.warnAt(r.file.at(e.key), item, "id is ignored: an override cannot change it", "")
		}
		if allowed[e.key.Value] != nil && o.get(e.key.Value) == nil {
			r.errorAt(r.file.at(e.key), item, fmt.Sprintf("%s is given, but override does not name it", e.key.Value))
		}
	}
	if m.get("append") != nil {
		r.errorAt(r.file.at(m.key("append")), item, "append and override exclude each other")
	}
	return modes, true
}
