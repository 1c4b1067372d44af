package logfile

import (
	"fmt"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// maxDepth is how deeply objects and arrays of a value that spans lines may be nested: as deeply as the decoder reads, so
// that no event is lost for how a log is printed.
const maxDepth = lex.MaxDepth

// verdict is what a scanner knows about a value so far.
type verdict uint8

const (
	wantMore verdict = iota // not at its end yet
	complete                // pos is behind its last byte
	broken                  // not JSON; pos is at the offending byte and reason says what is wrong
)

// state is what a scanner expects next.
type state uint8

const (
	wantValue      state = iota
	wantValueOrEnd       // behind [
	wantKeyOrEnd         // behind {
	wantKey              // behind a comma in an object
	wantColon
	wantCommaOrEnd
	inString
	inEscape
	inHex
	inWord // true, false, null
	afterMinus
	afterZero
	inInt
	afterDot
	inFraction
	afterE
	afterSign
	inExponent
)

// scanner finds the end of one JSON object or array (RFC 8259), looking at each byte once however the bytes arrive. It does
// not check that strings are UTF-8.
type scanner struct {
	pos    int // bytes looked at so far, from the start of the value
	state  state
	key    bool // the string is a key
	hex    int  // hex digits still missing
	word   string
	open   []container
	reason string
}

// container is an object or array that is not closed yet.
type container struct {
	start int // offset in the value
	kind  byte
}

func (s *scanner) reset() {
	*s = scanner{open: s.open[:0]}
}

// feed goes on with v, which is the value from its first byte to the last one there is so far.
func (s *scanner) feed(v []byte) verdict {
	for s.pos < len(v) {
		if s.state == inString {
			s.pos += lex.PlainLen(v[s.pos:])
			if s.pos == len(v) {
				break
			}
		}
		if !s.step(v[s.pos]) {
			if s.reason == "" {
				s.reason = fmt.Sprintf("unexpected %q", v[s.pos])
			}
			return broken
		}
		s.pos++
		if len(s.open) == 0 {
			return complete
		}
	}
	return wantMore
}

// step takes one byte; it is false where the byte cannot stand here.
func (s *scanner) step(c byte) bool {
	switch {
	case s.state < inString:
		return isBlank(c) || c == '\n' || s.between(c)
	case s.state < afterMinus:
		return s.inText(c)
	}
	return s.number(c)
}

// between takes a byte of the structure: brackets, commas, colons and the first byte of anything else.
func (s *scanner) between(c byte) bool {
	switch s.state {
	case wantValueOrEnd:
		return c == ']' && s.pop('[') || s.value(c)
	case wantValue:
		return s.value(c)
	case wantKeyOrEnd:
		return c == '}' && s.pop('{') || s.keyStart(c)
	case wantKey:
		return s.keyStart(c)
	case wantColon:
		s.state = wantValue
		return c == ':'
	}
	return s.commaOrEnd(c)
}

func (s *scanner) commaOrEnd(c byte) bool {
	switch c {
	case ']':
		return s.pop('[')
	case '}':
		return s.pop('{')
	case ',':
		s.state = wantValue
		if s.open[len(s.open)-1].kind == '{' {
			s.state = wantKey
		}
		return true
	}
	return false
}

func (s *scanner) keyStart(c byte) bool {
	s.state, s.key = inString, true
	return c == '"'
}

// value takes the first byte of a value.
func (s *scanner) value(c byte) bool {
	switch c {
	case '{', '[':
		return s.push(c)
	case '"':
		s.state, s.key = inString, false
	case 't':
		s.state, s.word = inWord, "rue"
	case 'f':
		s.state, s.word = inWord, "alse"
	case 'n':
		s.state, s.word = inWord, "ull"
	case '-':
		s.state = afterMinus
	case '0':
		s.state = afterZero
	default:
		s.state = inInt
		return lex.IsDigit(c)
	}
	return true
}

func (s *scanner) push(kind byte) bool {
	if len(s.open) == maxDepth {
		s.reason = fmt.Sprintf("nested deeper than %d", maxDepth)
		return false
	}
	s.open = append(s.open, container{start: s.pos, kind: kind})
	s.state = wantValueOrEnd
	if kind == '{' {
		s.state = wantKeyOrEnd
	}
	return true
}

func (s *scanner) pop(kind byte) bool {
	last := len(s.open) - 1
	if s.open[last].kind != kind {
		return false
	}
	s.open = s.open[:last]
	s.state = wantCommaOrEnd
	return true
}

// inText takes a byte of a string or a word.
func (s *scanner) inText(c byte) bool {
	switch s.state {
	case inString:
		return s.inString(c)
	case inEscape:
		return s.escape(c)
	case inHex:
		if s.hex--; s.hex == 0 {
			s.state = inString
		}
		return isHex(c)
	}
	if s.word[0] != c {
		return false
	}
	if s.word = s.word[1:]; s.word == "" {
		s.state = wantCommaOrEnd
	}
	return true
}

func (s *scanner) inString(c byte) bool {
	switch {
	case c == '\\':
		s.state = inEscape
	case c == '"' && s.key:
		s.state = wantColon
	case c == '"':
		s.state = wantCommaOrEnd
	case c == '\n':
		s.reason = "a string is not closed at the end of the line"
		return false
	case c < ' ':
		s.reason = fmt.Sprintf("control character %q in a string", c)
		return false
	}
	return true
}

func (s *scanner) escape(c byte) bool {
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.state = inString
		return true
	case 'u':
		s.state, s.hex = inHex, 4
		return true
	}
	return false
}

// number takes a byte of a number, or the byte that ends it.
func (s *scanner) number(c byte) bool {
	digit := lex.IsDigit(c)
	switch {
	case digit && s.state == afterMinus:
		s.state = inInt
		if c == '0' {
			s.state = afterZero
		}
	case digit && s.state == afterDot:
		s.state = inFraction
	case digit && (s.state == afterE || s.state == afterSign):
		s.state = inExponent
	case digit:
		return s.state != afterZero
	case c == '.' && (s.state == afterZero || s.state == inInt):
		s.state = afterDot
	case (c == 'e' || c == 'E') && (s.state == afterZero || s.state == inInt || s.state == inFraction):
		s.state = afterE
	case (c == '+' || c == '-') && s.state == afterE:
		s.state = afterSign
	default:
		return s.endNumber(c)
	}
	return true
}

func (s *scanner) endNumber(c byte) bool {
	switch s.state {
	case afterZero, inInt, inFraction, inExponent:
		s.state = wantCommaOrEnd
		return s.step(c)
	}
	return false
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

func isHex(c byte) bool { return lex.IsDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
