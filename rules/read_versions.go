package rules

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Versions is what rule files may require.
type Versions struct {
	Engine  string            // of Falco's rule engine, which we stand in for
	Plugins map[string]string // by name
}

// DefaultVersions is the Falco that we behave like: 0.44.1 with the plugins whose fields we have.
func DefaultVersions() Versions {
	return Versions{Engine: "0.62.0", Plugins: map[string]string{"k8saudit": "0.18.0", "json": "0.7.4", "container": "0.4.0"}}
}

type version [3]uint64

// parseVersion reads x.y.z; what follows - or + is not compared.
func parseVersion(s string) (v version, ok bool) {
	if i := strings.IndexAny(s, "-+"); i >= 0 {
		s = s[:i]
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return v, false
		}
		v[i] = n
	}
	return v, true
}

// covers says whether v is compatible with what is required: the same major version, and not older.
func (v version) covers(required version) bool {
	if v[0] != required[0] {
		return false
	}
	return v[1] > required[1] || v[1] == required[1] && v[2] >= required[2]
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// engineVersion reads required_engine_version: x.y.z, or a number N that means 0.N.0.
func (r *reader) engineVersion(m mapping) {
	const what = "required_engine_version"
	r.knownKeys(m, "", []string{what})
	n := r.follow(m.get(what))
	s, ok := r.scalar(n, "", what)
	if !ok {
		return
	}
	if _, err := strconv.ParseUint(s, 10, 32); err == nil {
		s = "0." + s + ".0"
	}
	required, ok := parseVersion(s)
	if !ok {
		r.errorAt(r.file.at(n), "", fmt.Sprintf("%s must be a number or x.y.z, not %q", what, s))
		return
	}
	if engine, ok := parseVersion(r.versions.Engine); !ok || !engine.covers(required) {
		r.errorAt(r.file.at(n), "", fmt.Sprintf("the rules require engine version %s, ours is %s", required, r.versions.Engine))
	}
}

// pluginNeed is a requirement that one of several plugins can meet.
type pluginNeed struct {
	at place
	of []pluginVersion
}

type pluginVersion struct {
	name    string
	version version
}

// pluginVersions reads required_plugin_versions. They are judged when all files are read.
func (r *reader) pluginVersions(m mapping) {
	const what = "required_plugin_versions"
	r.knownKeys(m, "", []string{what})
	list := r.follow(m.get(what))
	if list.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(list), "", what+" must be a list")
		return
	}
	for _, n := range list.Content {
		if need, ok := r.pluginNeed(n); ok {
			r.plugins = append(r.plugins, need)
		}
	}
}

func (r *reader) pluginNeed(n *yaml.Node) (pluginNeed, bool) {
	m, ok := r.mapping(n, "")
	if !ok {
		return pluginNeed{}, false
	}
	r.knownKeys(m, "", []string{"name", "version", "alternatives"})
	first, ok := r.pluginVersion(m)
	need := pluginNeed{at: r.file.at(m.node), of: []pluginVersion{first}}
	alternatives := m.get("alternatives")
	if !ok || alternatives == nil || isNull(alternatives) {
		return need, ok
	}
	if alternatives.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(alternatives), "", "alternatives must be a list")
		return need, false
	}
	for _, n := range alternatives.Content {
		m, ok := r.mapping(n, "")
		if !ok {
			return need, false
		}
		other, ok := r.pluginVersion(m)
		if !ok {
			return need, false
		}
		need.of = append(need.of, other)
	}
	return need, true
}

func (r *reader) pluginVersion(m mapping) (pluginVersion, bool) {
	for _, key := range []string{"name", "version"} {
		if m.get(key) == nil {
			r.errorAt(r.file.at(m.node), "", "a required plugin needs name and version")
			return pluginVersion{}, false
		}
	}
	name, ok := r.text(m.get("name"), "", "the name of a plugin")
	if !ok {
		return pluginVersion{}, false
	}
	v, ok := r.text(m.get("version"), "", "the version of a plugin")
	if !ok {
		return pluginVersion{}, false
	}
	parsed, ok := parseVersion(v.s)
	if !ok {
		r.errorAt(v.place(0), "", fmt.Sprintf("a version is x.y.z, not %q", v.s))
	}
	return pluginVersion{name.s, parsed}, ok
}

// checkPlugins reports requirements that nothing meets.
func (c *collector) checkPlugins() {
	for _, need := range c.plugins {
		if !c.meets(need) {
			c.report(need.at, "", fmt.Sprintf("the rules require the plugin %s", need), "ours are "+c.versions.pluginList())
		}
	}
}

func (c *collector) meets(need pluginNeed) bool {
	for _, p := range need.of {
		if ours, ok := parseVersion(c.versions.Plugins[p.name]); ok && ours.covers(p.version) {
			return true
		}
	}
	return false
}

// String is "k8saudit 0.18.0 or k8saudit-eks 0.12.0".
func (n pluginNeed) String() string {
	var names []string
	for _, p := range n.of {
		names = append(names, p.name+" "+p.version.String())
	}
	return orList(names)
}

func (v Versions) pluginList() string {
	var out []string
	for _, name := range sortedKeys(v.Plugins) {
		out = append(out, name+" "+v.Plugins[name])
	}
	return strings.Join(out, ", ")
}
