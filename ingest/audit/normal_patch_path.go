package audit

import (
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// patchPath is the path of an operation, from its first slash on; ok is false where it has none.
func patchPath(n tape.Node) (path string, ok bool) {
	path = stringOf(n)
	i := strings.IndexByte(path, '/')
	if i < 0 {
		return "", n.Kind() == tape.String && path == ""
	}
	return path[i:], true
}

// nextToken cuts the first reference token off a JSON pointer; ok is false at its end.
func nextToken(pointer *string) (token string, ok bool) {
	rest, ok := strings.CutPrefix(*pointer, "/")
	if !ok {
		return "", false
	}
	token = rest
	*pointer = ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		token, *pointer = rest[:i], rest[i:]
	}
	return unescapeToken(token), true
}

// unescapeToken undoes ~1 and ~0 (RFC 6901, section 4).
func unescapeToken(token string) string {
	if strings.IndexByte(token, '~') < 0 {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// parentPath cuts the last reference token off a JSON pointer.
func parentPath(pointer string) (parent, token string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", ""
	}
	return pointer[:i], unescapeToken(pointer[i+1:])
}

func lastToken(pointer string) string {
	_, token := parentPath(pointer)
	return token
}

// arrayPlace is the element that a token names, -1 for the one behind the last and those that are counted from the end.
func arrayPlace(token string) int {
	if n, err := strconv.Atoi(token); err == nil && n >= 0 {
		return n
	}
	return -1
}

// isIndex says whether a token may name an element of an array.
func isIndex(token string) bool {
	_, err := strconv.Atoi(token)
	return token == "-" || err == nil
}

// isMap says whether the member of that name is a map, whose keys may look like places in an array.
func isMap(name string) bool {
	switch name {
	case "labels", "annotations", "data", "stringData", "binaryData", "matchLabels", "nodeSelector", "selector",
		"limits", "requests", "capacity", "allocatable", "hard", "used", "parameters", "options":
		return true
	}
	return false
}
