package program

// glob is a shell pattern as fnmatch(3) with no flags reads it: * and ? match every byte, / and leading dots too; [a-z] and
// [!a-z] are sets of bytes, with [:alpha:] and its like inside; a backslash takes the next byte as it is.
// Matching tries a text of n bytes against a pattern of m in at most n*m steps.
type glob struct {
	tokens []globToken
	fold   bool // A to Z are taken as a to z
}

// globToken matches one byte, or any number of them.
type globToken struct {
	kind globKind
	char byte
	set  *byteSet
}

type globKind uint8

const (
	globChar globKind = iota
	globAny
	globSet
	globStar
	globNothing // matches no byte: a backslash at the end, a class of an unknown name
)

// byteSet is a set of bytes.
type byteSet [4]uint64

func (b *byteSet) add(c byte)      { b[c>>6] |= 1 << (c & 63) }
func (b *byteSet) has(c byte) bool { return b[c>>6]>>(c&63)&1 != 0 }

// matchByte says whether token t matches c. A set holds both cases of a letter where the pattern folds.
func (m *glob) matchByte(t *globToken, c byte) bool {
	switch t.kind {
	case globChar:
		return m.char(c) == t.char
	case globAny:
		return true
	case globSet:
		return t.set.has(c)
	}
	return false
}

func (m *glob) matchText(s string) bool {
	p, i := 0, 0
	star, resume := -1, 0 // the last star, and where in s what follows it is to be tried next
	for i < len(s) {
		switch {
		case p < len(m.tokens) && m.tokens[p].kind == globStar:
			star, resume = p, i
			p++
		case p < len(m.tokens) && m.matchByte(&m.tokens[p], s[i]):
			p, i = p+1, i+1
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	for p < len(m.tokens) && m.tokens[p].kind == globStar {
		p++
	}
	return p == len(m.tokens)
}

func (m *glob) char(c byte) byte {
	if m.fold {
		return foldASCII(c)
	}
	return c
}

// simpler is an operator and a constant that hold for the same texts as the pattern and are found faster: prefix*, *part*, a
// pattern without wildcards. It is op and text themselves where there is nothing simpler.
func (m *glob) simpler(op Op, text string) (Op, string) {
	inner := m.tokens
	first := len(inner) > 0 && inner[0].kind == globStar
	if first {
		inner = inner[1:]
	}
	last := len(inner) > 0 && inner[len(inner)-1].kind == globStar
	if last {
		inner = inner[:len(inner)-1]
	}
	plain, ok := literalOf(inner)
	switch {
	case !ok || plain == "":
		return op, text
	case first && last && m.fold:
		return IContains, plain
	case m.fold:
		return op, text
	case first && last:
		return Contains, plain
	case first:
		return EndsWith, plain
	case last:
		return StartsWith, plain
	}
	return Eq, plain
}

func literalOf(tokens []globToken) (string, bool) {
	b := make([]byte, 0, len(tokens))
	for _, t := range tokens {
		if t.kind != globChar {
			return "", false
		}
		b = append(b, t.char)
	}
	return string(b), true
}

// literal is the longest run of bytes that every text has that the pattern matches.
func (m *glob) literal() string {
	longest, run := "", []byte(nil)
	for _, t := range m.tokens {
		if t.kind != globChar {
			run = run[:0]
			continue
		}
		if run = append(run, t.char); len(run) > len(longest) {
			longest = string(run)
		}
	}
	return longest
}
