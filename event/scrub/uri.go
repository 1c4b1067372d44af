package scrub

import (
	"net/url"
	"strings"
)

// URI scrubs a request URI: its path, the values of its query, and the command lines in it (command= of exec, cmd= of the
// kubelet's run). What is not masked stays byte for byte as it was.
func URI(uri string) string {
	path, query, ok := strings.Cut(uri, "?")
	switch {
	case !ok:
		return Text(path)
	case !uriMayHold(path, query):
		return uri
	}
	return searchURI(path, query)
}

func searchURI(path, query string) string {
	params := strings.Split(query, "&")
	scrubCommand(params)
	for i, p := range params {
		params[i] = scrubParam(p)
	}
	return Text(path) + "?" + strings.Join(params, "&")
}

// scrubParam scrubs name=value as one text, since the name tells what the value is.
func scrubParam(p string) string {
	name, raw, ok := strings.Cut(p, "=")
	value, err := url.QueryUnescape(raw)
	if !ok || err != nil {
		return Text(p)
	}
	before := name + "=" + value
	after := Text(before)
	if after == before {
		return p
	}
	kept, ok := strings.CutPrefix(after, name+"=")
	if !ok {
		return masked
	}
	return name + "=" + escape(kept)
}

// scrubCommand scrubs the parameters that are a command line together.
func scrubCommand(params []string) {
	var at []int
	var argv []string
	for i, p := range params {
		name, raw, _ := strings.Cut(p, "=")
		if value, err := url.QueryUnescape(raw); err == nil && (name == "command" || name == "cmd") {
			at, argv = append(at, i), append(argv, value)
		}
	}
	if len(argv) == 0 {
		return
	}
	for i, arg := range Argv(argv) {
		if arg != argv[i] {
			name, _, _ := strings.Cut(params[at[i]], "=")
			params[at[i]] = name + "=" + escape(arg)
		}
	}
}

// escape writes a value for a query, the mask readable.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "%2A%2A%2A", masked) }
