package program

import "strings"

// pathPrefixes holds for paths that one of several search paths is a prefix of, component by component. Empty components do
// not count, so that /etc, /etc/ and //etc are one path and / is a prefix of all. A component with ?, * or [ is a glob.
type pathPrefixes struct{ paths [][]pathPart }

// pathPart matches one component of a path.
type pathPart struct {
	text string
	glob *glob // nil where text is meant literally
}

func newPathPrefixes(paths []string) *pathPrefixes {
	m := &pathPrefixes{}
	for _, p := range paths {
		m.paths = append(m.paths, newPathParts(p))
	}
	return m
}

func newPathParts(path string) []pathPart {
	var parts []pathPart
	for part, rest, ok := nextPart(path); ok; part, rest, ok = nextPart(rest) {
		p := pathPart{text: part}
		if strings.ContainsAny(part, "?*[") {
			p.glob = newGlob(part, false)
		}
		parts = append(parts, p)
	}
	return parts
}

// nextPart cuts the first component that is not empty off a path.
func nextPart(path string) (part, rest string, ok bool) {
	path = strings.TrimLeft(path, "/")
	part, rest, _ = strings.Cut(path, "/")
	return part, rest, part != ""
}

func (m *pathPrefixes) matchText(s string) bool {
	for _, parts := range m.paths {
		if hasPathPrefix(s, parts) {
			return true
		}
	}
	return false
}

func hasPathPrefix(path string, parts []pathPart) bool {
	for _, p := range parts {
		part, rest, ok := nextPart(path)
		if !ok || !p.match(part) {
			return false
		}
		path = rest
	}
	return true
}

func (p pathPart) match(part string) bool {
	if p.glob != nil {
		return p.glob.matchText(part)
	}
	return part == p.text
}
