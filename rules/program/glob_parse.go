package program

import "strings"

// newGlob reads a pattern. Every pattern is valid; one that fnmatch would never find matches nothing.
func newGlob(pattern string, fold bool) *glob {
	p := globParser{rest: pattern, glob: &glob{fold: fold}}
	for p.rest != "" {
		p.token()
	}
	return p.glob
}

type globParser struct {
	rest string
	glob *glob
}

func (p *globParser) add(t globToken) { p.glob.tokens = append(p.glob.tokens, t) }

func (p *globParser) addChar(c byte) {
	p.add(globToken{kind: globChar, char: p.glob.char(c)})
}

func (p *globParser) token() {
	c := p.rest[0]
	p.rest = p.rest[1:]
	switch c {
	case '*':
		if n := len(p.glob.tokens); n == 0 || p.glob.tokens[n-1].kind != globStar {
			p.add(globToken{kind: globStar})
		}
	case '?':
		p.add(globToken{kind: globAny})
	case '[':
		p.bracket()
	case '\\':
		p.escape()
	default:
		p.addChar(c)
	}
}

func (p *globParser) escape() {
	if p.rest == "" {
		p.add(globToken{kind: globNothing})
		return
	}
	p.addChar(p.rest[0])
	p.rest = p.rest[1:]
}

// bracket reads a set after its "[". Without an end the "[" stands for itself.
func (p *globParser) bracket() {
	b := globBracket{rest: p.rest, fold: p.glob.fold}
	switch {
	case !b.parse():
		p.addChar('[')
		return
	case b.unknown:
		p.add(globToken{kind: globNothing})
	default:
		p.add(globToken{kind: globSet, set: b.set()})
	}
	p.rest = b.rest
}

// globBracket reads what stands between [ and ].
type globBracket struct {
	rest    string
	fold    bool
	negate  bool
	unknown bool    // a class of an unknown name: fnmatch then finds nothing
	chars   byteSet // single bytes and ranges, folded where fold is
	classes byteSet // bytes of the named classes, never folded
}

// parse reads up to the closing bracket and says whether there is one.
func (b *globBracket) parse() bool {
	if b.rest != "" && (b.rest[0] == '!' || b.rest[0] == '^') {
		b.negate, b.rest = true, b.rest[1:]
	}
	for first := true; b.rest != ""; first = false {
		if b.rest[0] == ']' && !first {
			b.rest = b.rest[1:]
			return true
		}
		if !b.item() {
			return false
		}
	}
	return false
}

// item reads a named class, a single byte or a range.
func (b *globBracket) item() bool {
	if name, ok := b.named(":"); ok {
		b.addClass(name)
		return true
	}
	lo, ok := b.char()
	if !ok {
		return false
	}
	hi := lo
	if len(b.rest) >= 2 && b.rest[0] == '-' && b.rest[1] != ']' {
		b.rest = b.rest[1:]
		if hi, ok = b.char(); !ok {
			return false
		}
	}
	if b.fold {
		lo, hi = foldASCII(lo), foldASCII(hi)
	}
	for c := int(lo); c <= int(hi); c++ {
		b.chars.add(byte(c))
	}
	return true
}

// char reads one byte: itself, after a backslash, or as [.x.] or [=x=].
func (b *globBracket) char() (byte, bool) {
	for _, mark := range []string{".", "="} {
		if name, ok := b.named(mark); ok {
			b.unknown = b.unknown || len(name) != 1
			return (name + "\x00")[0], true
		}
	}
	b.rest = strings.TrimPrefix(b.rest, `\`)
	if b.rest == "" {
		return 0, false
	}
	c := b.rest[0]
	b.rest = b.rest[1:]
	return c, true
}

// named reads [:name:], [.x.] or [=x=].
func (b *globBracket) named(mark string) (string, bool) {
	after, ok := strings.CutPrefix(b.rest, "["+mark)
	if !ok {
		return "", false
	}
	name, rest, ok := strings.Cut(after, mark+"]")
	if !ok {
		return "", false
	}
	b.rest = rest
	return name, true
}

func (b *globBracket) addClass(name string) {
	in := globClass(name)
	if in == nil {
		b.unknown = true
		return
	}
	for c := range 256 {
		if in(byte(c)) {
			b.classes.add(byte(c))
		}
	}
}

func (b *globBracket) set() *byteSet {
	var s byteSet
	for i := range 256 {
		c := byte(i)
		char := c
		if b.fold {
			char = foldASCII(c)
		}
		if (b.chars.has(char) || b.classes.has(c)) != b.negate {
			s.add(c)
		}
	}
	return &s
}

// globClass is a character class of the C locale (POSIX, LC_CTYPE), nil where there is none of that name.
func globClass(name string) func(byte) bool {
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	lower := func(c byte) bool { return 'a' <= c && c <= 'z' }
	digit := func(c byte) bool { return '0' <= c && c <= '9' }
	graph := func(c byte) bool { return '!' <= c && c <= '~' }
	alnum := func(c byte) bool { return upper(c) || lower(c) || digit(c) }
	switch name {
	case "upper":
		return upper
	case "lower":
		return lower
	case "digit":
		return digit
	case "graph":
		return graph
	case "alnum":
		return alnum
	case "alpha":
		return func(c byte) bool { return upper(c) || lower(c) }
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "cntrl":
		return func(c byte) bool { return c < ' ' || c == 0x7f }
	case "print":
		return func(c byte) bool { return graph(c) || c == ' ' }
	case "punct":
		return func(c byte) bool { return graph(c) && !alnum(c) }
	case "space":
		return func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
	case "xdigit":
		return func(c byte) bool { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }
	}
	return nil
}
