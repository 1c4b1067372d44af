package rules

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes bounds how many YAML nodes of one file are looked at, aliases followed: they may multiply without end.
const maxNodes = 1_000_000

// maxMergeDepth bounds merge keys inside merged mappings.
const maxMergeDepth = 32

// reader reads the items of one file into a collector.
type reader struct {
	*collector
	file  *file
	space *namespace
	nodes int // looked at so far
}

// entry is a key of a mapping and its value.
type entry struct {
	key   *yaml.Node
	value *yaml.Node // aliases followed
}

// mapping is a YAML mapping with its merge keys resolved, in the order of the file.
type mapping struct {
	node    *yaml.Node
	entries []entry
}

// get returns the value of a key, nil where there is none.
func (m mapping) get(key string) *yaml.Node {
	for _, e := range m.entries {
		if e.key.Value == key {
			return e.value
		}
	}
	return nil
}

// key returns the node of a key, the mapping itself where there is none.
func (m mapping) key(key string) *yaml.Node {
	for _, e := range m.entries {
		if e.key.Value == key {
			return e.key
		}
	}
	return m.node
}

// follow returns what an alias stands for, and counts.
func (r *reader) follow(n *yaml.Node) *yaml.Node {
	if r.nodes++; r.nodes == maxNodes {
		r.errorAt(r.file.at(n), "", "the file has too many values, aliases counted each time they are used")
	}
	if r.nodes >= maxNodes {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: n.Line, Column: n.Column}
	}
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// mapping reads a mapping; item is what it is in, for messages.
func (r *reader) mapping(n *yaml.Node, item string) (mapping, bool) {
	n = r.follow(n)
	if n.Kind != yaml.MappingNode {
		r.errorAt(r.file.at(n), item, "expected keys with values, found "+kindName(n))
		return mapping{}, false
	}
	m := mapping{node: n}
	seen := map[string]*yaml.Node{}
	r.addEntries(&m, seen, n, item, 0)
	return m, true
}

// addEntries adds the entries of n, first its own and then those that it merges, which do not replace others.
func (r *reader) addEntries(m *mapping, seen map[string]*yaml.Node, n *yaml.Node, item string, depth int) {
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := r.follow(n.Content[i])
		switch {
		case key.Kind != yaml.ScalarNode:
			r.errorAt(r.file.at(key), item, "a key must be a text, not "+kindName(key))
		case key.ShortTag() == "!!merge":
			merges = append(merges, n.Content[i+1])
		case seen[key.Value] == nil:
			seen[key.Value] = key
			m.entries = append(m.entries, entry{key, r.follow(n.Content[i+1])})
		case depth == 0:
			first, _ := r.file.at(seen[key.Value]).lineColumn()
			r.errorAt(r.file.at(key), item, fmt.Sprintf("the key %s is given twice, first in line %d", key.Value, first))
		}
	}
	for _, n := range merges {
		r.merge(m, seen, n, item, depth+1)
	}
}

// merge adds what a merge key gives: a mapping or a list of mappings.
func (r *reader) merge(m *mapping, seen map[string]*yaml.Node, n *yaml.Node, item string, depth int) {
	n = r.follow(n)
	switch {
	case depth > maxMergeDepth:
		r.errorAt(r.file.at(n), item, "merge keys nested too deep")
	case n.Kind == yaml.MappingNode:
		r.addEntries(m, seen, n, item, depth)
	case n.Kind == yaml.SequenceNode:
		for _, c := range n.Content {
			r.merge(m, seen, c, item, depth+1)
		}
	default:
		r.errorAt(r.file.at(n), item, "a merge key takes keys with values, not "+kindName(n))
	}
}

// scalar reads a text, number or bool as it is written; what names it in messages.
func (r *reader) scalar(n *yaml.Node, item, what string) (string, bool) {
	n = r.follow(n)
	if n.Kind != yaml.ScalarNode {
		r.errorAt(r.file.at(n), item, fmt.Sprintf("%s must be a text, not %s", what, kindName(n)))
		return "", false
	}
	return n.Value, true
}

// text reads a scalar that must not be empty, with its places.
func (r *reader) text(n *yaml.Node, item, what string) (text, bool) {
	n = r.follow(n)
	if _, ok := r.scalar(n, item, what); !ok {
		return text{}, false
	}
	t := scalarText(origin{file: r.file, node: n, space: r.space}).trimmed()
	if t.empty() || isNull(n) {
		r.errorAt(r.file.at(n), item, what+" is empty")
		return text{}, false
	}
	return t, true
}

// texts reads a list of scalars.
func (r *reader) texts(n *yaml.Node, item, what string) ([]*yaml.Node, bool) {
	n = r.follow(n)
	if isNull(n) {
		return nil, true
	}
	if n.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(n), item, fmt.Sprintf("%s must be a list, not %s", what, kindName(n)))
		return nil, false
	}
	var out []*yaml.Node
	ok := true
	for _, c := range n.Content {
		c = r.follow(c)
		if _, good := r.scalar(c, item, "an element of "+what); !good {
			ok = false
			continue
		}
		out = append(out, c)
	}
	return out, ok
}

// values is the values of scalars, without those given before.
func values(nodes []*yaml.Node) []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range nodes {
		if !seen[n.Value] {
			seen[n.Value] = true
			out = append(out, n.Value)
		}
	}
	return out
}

// bool reads a boolean in any of YAML's spellings.
func (r *reader) bool(n *yaml.Node, item, what string) (value, ok bool) {
	n = r.follow(n)
	if n.Kind == yaml.ScalarNode {
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on", "y":
			return true, true
		case "false", "no", "off", "n":
			return false, true
		}
	}
	r.errorAt(r.file.at(n), item, what+" must be true or false")
	return false, false
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys with values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "nothing"
	}
	return "a text"
}
