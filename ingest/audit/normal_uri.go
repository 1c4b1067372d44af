package audit

import (
	"path"
	"strings"
)

// uri is requestURI, "" where it is absent.
func (e *Event) uri() string {
	s, _ := e.str(&e.requestURI)
	return s
}

// path is what of requestURI stands before the query, decoded.
func (e *Event) path() string {
	p, _, _ := strings.Cut(e.uri(), "?")
	return e.unescape(p, false)
}

// query goes over the parameters of a URI in their order.
type query struct {
	rest  string
	name  string // as it stands
	value string // as it stands
}

// query begins before the first parameter of requestURI.
func (e *Event) query() query {
	_, rest, _ := strings.Cut(e.uri(), "?")
	return query{rest: rest}
}

// next goes to the next parameter; false where there is none.
func (q *query) next() bool {
	for q.rest != "" {
		var pair string
		pair, q.rest, _ = strings.Cut(q.rest, "&")
		q.name, q.value, _ = strings.Cut(pair, "=")
		if pair != "" {
			return true
		}
	}
	return false
}

// is says whether the name of the parameter reads name.
func (q *query) is(name string) bool {
	rest := q.name
	for i := range len(name) {
		if rest == "" {
			return false
		}
		c, size := unescapeByte(rest, true)
		if c != name[i] {
			return false
		}
		rest = rest[size:]
	}
	return rest == ""
}

// param is the first value of a query parameter, decoded.
func (e *Event) param(name string) (value string, ok bool) {
	for q := e.query(); q.next(); {
		if q.is(name) {
			return e.unescape(q.value, true), true
		}
	}
	return "", false
}

// flagParam reads a query parameter as the API server reads booleans (apimachinery, conversion.Convert_Slice_string_To_bool):
// everything but false and 0 is true. false where it is absent.
func (e *Event) flagParam(name string) bool {
	v, ok := e.param(name)
	return ok && v != "0" && !strings.EqualFold(v, "false")
}

// unescape decodes %xx and, in a query, the plus sign for a blank. A % that begins no escape stands for itself.
// The result is valid as long as the event.
func (e *Event) unescape(s string, query bool) string {
	if strings.IndexByte(s, '%') < 0 && !(query && strings.IndexByte(s, '+') >= 0) {
		return s
	}
	return e.keep(func(dst []byte) []byte { return appendUnescaped(dst, s, query) })
}

func appendUnescaped(dst []byte, s string, query bool) []byte {
	for s != "" {
		c, size := unescapeByte(s, query)
		dst, s = append(dst, c), s[size:]
	}
	return dst
}

// unescapeByte reads the byte or escape that s begins with.
func unescapeByte(s string, query bool) (c byte, size int) {
	c = s[0]
	switch {
	case c == '+' && query:
		return ' ', 1
	case c == '%' && len(s) > 2 && unhex(s[1]) < 16 && unhex(s[2]) < 16:
		return unhex(s[1])<<4 | unhex(s[2]), 3
	}
	return c, 1
}

// unhex is the value of a hexadecimal digit, 16 if it is none.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// proxyPath is what a request through pods/proxy, services/proxy or nodes/proxy asks of the other side: cleaned, with a
// leading slash, decoded once as the API server does it. ok is false for other requests.
func (e *Event) proxyPath() (p string, ok bool) {
	if e.act() != actProxy {
		return "", false
	}
	p, _, _ = strings.Cut(e.uri(), "?")
	rest := strings.TrimPrefix(p, "/")
	next := func() (segment string) {
		segment, rest, _ = strings.Cut(rest, "/")
		return segment
	}
	if next() == "apis" {
		next() // the group; the core group has none
	}
	next() // the version
	resource := next()
	if resource == "namespaces" {
		next() // its name
		next() // the resource in it
	}
	next() // the object's name
	if next() != "proxy" {
		return "", false
	}
	if rest == "" {
		return "/", true
	}
	return path.Clean(e.unescape(p[len(p)-len(rest)-1:], false)), true // from the slash before rest on
}

// proxyPort is the port in the object's name of a request through proxy: "name:port" or "scheme:name:port"
// (apimachinery, net.SplitSchemeNamePort). ok is false where there is none.
func (e *Event) proxyPort() (port string, ok bool) {
	if e.act() != actProxy {
		return "", false
	}
	name, _ := e.str(&e.object.name)
	switch strings.Count(name, ":") {
	case 1, 2:
		port = name[strings.LastIndexByte(name, ':')+1:]
	}
	return port, port != ""
}
