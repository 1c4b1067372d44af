package lex

import "fmt"

// MaxDepth is how deep arrays and objects may stand inside each other. encoding/json writes and reads bodies of up to 10,000
// levels, and the API server puts such a body into an event, which may stand in a list: a lower limit would let whoever sends
// a deep body hide his request.
const MaxDepth = 10_000 + 16

// SyntaxError tells where text stops being JSON.
type SyntaxError struct {
	Offset int // bytes before the fault, in the data of the Reader
	Reason string
}

// Error returns reason and place.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Reason, e.Offset) }

// Reader goes through JSON text from Pos on. After an error Pos is where the fault is.
type Reader struct {
	Data  []byte // never written to
	Pos   int    // next byte to read, 0 <= Pos <= len(Data)
	depth int
}

func (r *Reader) fail(reason string) error { return &SyntaxError{r.Pos, reason} }

// Peek is the next byte, 0 at the end.
func (r *Reader) Peek() byte {
	if r.Pos < len(r.Data) {
		return r.Data[r.Pos]
	}
	return 0
}

// Blanks goes past the blanks of JSON.
func (r *Reader) Blanks() {
	if r.Peek() <= ' ' {
		r.blanks()
	}
}

func (r *Reader) blanks() {
	for r.Pos < len(r.Data) {
		switch r.Data[r.Pos] {
		case ' ', '\t', '\r', '\n':
			r.Pos++
		default:
			return
		}
	}
}

// Open goes past the bracket at Pos and the blanks behind it. more is false if the array or object is empty and thereby read.
func (r *Reader) Open() (more bool, err error) {
	if r.depth == MaxDepth {
		return false, r.fail("nested too deeply")
	}
	closing := r.Data[r.Pos] + 2 // '{' and '}', '[' and ']' are two apart in ASCII
	r.Pos++
	r.Blanks()
	if r.Peek() == closing {
		r.Pos++
		return false, nil
	}
	r.depth++
	return true, nil
}

// Next goes past what follows a value inside an array or object: a comma and blanks, or the closing bracket, after which more is false.
func (r *Reader) Next(closing byte) (more bool, err error) {
	r.Blanks()
	switch r.Peek() {
	case ',':
		r.Pos++
		r.Blanks()
		return true, nil
	case closing:
		r.Pos++
		r.depth--
		return false, nil
	}
	return false, r.Unexpected("expected , or " + string(closing))
}

// Key reads a key and goes on to its value.
func (r *Reader) Key() (String, error) {
	if r.Peek() != '"' {
		return String{}, r.Unexpected("expected a key")
	}
	key, err := r.String()
	if err != nil {
		return key, err
	}
	r.Blanks()
	if r.Peek() != ':' {
		return key, r.Unexpected("expected :")
	}
	r.Pos++
	r.Blanks()
	return key, nil
}

// Value goes past the value at Pos, checking all of it.
func (r *Reader) Value() error {
	switch c := r.Peek(); {
	case c == '"':
		_, err := r.String()
		return err
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '-' || IsDigit(c):
		return r.number()
	case c == 't':
		return r.word("true")
	case c == 'f':
		return r.word("false")
	case c == 'n':
		return r.word("null")
	}
	return r.Unexpected("expected a value")
}

func (r *Reader) object() error {
	more, err := r.Open()
	for more && err == nil {
		if _, err = r.Key(); err != nil {
			break
		}
		if err = r.Value(); err != nil {
			break
		}
		more, err = r.Next('}')
	}
	return err
}

func (r *Reader) array() error {
	more, err := r.Open()
	for more && err == nil {
		if err = r.Value(); err != nil {
			break
		}
		more, err = r.Next(']')
	}
	return err
}

func (r *Reader) word(w string) error {
	if end := r.Pos + len(w); end <= len(r.Data) && string(r.Data[r.Pos:end]) == w {
		r.Pos = end
		return nil
	}
	return r.Unexpected("expected a value")
}

// number goes past a number (RFC 8259, section 6).
func (r *Reader) number() error {
	r.accept('-')
	if !r.accept('0') && !r.digits() {
		return r.Unexpected("expected a digit")
	}
	if r.accept('.') && !r.digits() {
		return r.Unexpected("expected a digit")
	}
	if r.accept('e') || r.accept('E') {
		if !r.accept('+') {
			r.accept('-')
		}
		if !r.digits() {
			return r.Unexpected("expected a digit")
		}
	}
	return nil
}

// IsDigit says whether c is one of the ten ASCII digits.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

func (r *Reader) digits() bool {
	start := r.Pos
	for IsDigit(r.Peek()) {
		r.Pos++
	}
	return r.Pos > start
}

func (r *Reader) accept(c byte) bool {
	if r.Peek() != c {
		return false
	}
	r.Pos++
	return true
}

// Unexpected is the error that tells what stands at Pos instead of what was expected. Any byte is printed safely.
func (r *Reader) Unexpected(expected string) error {
	if r.Pos >= len(r.Data) {
		return r.fail("unexpected end of JSON")
	}
	return r.fail(fmt.Sprintf("unexpected %+q, %s", r.Data[r.Pos:r.Pos+1], expected))
}

// Comma goes past a comma, with blanks around it, and says whether there was one.
func (r *Reader) Comma() bool {
	r.Blanks()
	ok := r.accept(',')
	r.Blanks()
	return ok
}
