package condition

import (
	"slices"
	"strings"
)

// maxDepth bounds how deep parentheses and transformers may nest.
const maxDepth = 1000

// Operators lists every operator, in the order in which Falco lists them.
func Operators() []string {
	return slices.Concat([]string{string(OpExists)}, numberOps, symbolOps, wordOps, listOps)
}

// Transformers lists every transformer. val is not among them: it stands on the right side only and takes one field.
func Transformers() []string { return slices.Clone(transformers) }

// In each table a word stands before those that it begins with, because the first that fits is taken.
var (
	numberOps    = []string{"<=", "<", ">=", ">"}
	symbolOps    = []string{"==", "=", "!="}
	wordOps      = []string{"glob", "iglob", "contains", "icontains", "bcontains", "startswith", "bstartswith", "endswith", "regex"}
	listOps      = []string{"intersects", "in", "pmatch"}
	modifiers    = []string{"oneof", "anyof", "allof"}
	transformers = []string{"tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt"}
)

// Parse reads a whole condition. The error is a *SyntaxError.
func Parse(text string) (Expr, error) {
	p := &parser{s: text}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.blank(); p.i < len(p.s) {
		return nil, p.unexpected("'and'", "'or'", "the end")
	}
	return e, nil
}

// ParseField reads a field with its argument, as outputs and exceptions name it; n is how many bytes it took.
// Without a field n is 0. An unfinished argument is not read.
func ParseField(text string) (f *Field, n int) {
	p := &parser{s: text}
	end := fieldNameLen(text, 0)
	if end == 0 {
		return nil, 0
	}
	if f, err := p.field(end); err == nil {
		return f, p.i
	}
	return &Field{Name: text[:end]}, end
}

// ParseCall reads a transformer with its arguments, as outputs name it; n is how many bytes it took, 0 without one.
func ParseCall(text string) (c *Call, n int, err error) {
	p := &parser{s: text}
	c, err = p.call()
	return c, p.i, err
}

type parser struct {
	s     string
	i     int // the cursor: offset of what is to be read next
	depth int
}

func (p *parser) or() (Expr, error) {
	return p.chain("or", p.and, func(kids []Expr) Expr { return &Or{Kids: kids} })
}

func (p *parser) and() (Expr, error) {
	return p.chain("and", p.not, func(kids []Expr) Expr { return &And{Kids: kids} })
}

// chain reads one or more of next, joined by word.
func (p *parser) chain(word string, next func() (Expr, error), join func([]Expr) Expr) (Expr, error) {
	p.blank()
	first, err := next()
	if err != nil {
		return nil, err
	}
	kids := []Expr{first}
	for p.blank(); p.take(word); p.blank() {
		kid, err := p.operandOf(word, next)
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
	}
	if len(kids) == 1 {
		return first, nil
	}
	return join(kids), nil
}

// operandOf reads what follows "and" or "or": after a blank anything, without one only a parenthesis.
func (p *parser) operandOf(word string, next func() (Expr, error)) (Expr, error) {
	if p.blank() {
		return next()
	}
	if p.take("(") {
		return p.enclosed()
	}
	return nil, p.unexpected("a blank or '(' after '" + word + "'")
}

func (p *parser) not() (Expr, error) {
	p.blank()
	at, negated := p.i, false
	for p.takeWord("not") {
		p.blank()
		negated = !negated
	}
	var kid Expr
	var err error
	if p.take("not(") {
		negated = !negated
		kid, err = p.enclosed()
	} else {
		kid, err = p.primary()
	}
	if err != nil || !negated {
		return kid, err
	}
	return &Not{At: at, Kid: kid}, nil
}

// enclosed reads an expression whose parenthesis is already open, and closes it.
func (p *parser) enclosed() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.blank(); !p.take(")") {
		return nil, p.unexpected("'and'", "'or'", "')'")
	}
	return e, nil
}

func (p *parser) primary() (Expr, error) {
	if p.take("(") {
		return p.enclosed()
	}
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	if left != nil {
		return p.comparison(left)
	}
	n := identifierLen(p.s, p.i)
	if n == 0 {
		return nil, p.unexpected("a field", "a macro", "'('", "'not'")
	}
	if strings.HasPrefix(p.s[p.i+n:], "(") {
		return nil, &SyntaxError{Offset: p.i, Reason: "unknown transformer", Expected: Transformers(), Found: p.s[p.i : p.i+n]}
	}
	at, name := p.takeLen(n)
	return &Macro{At: at, Name: name}, nil
}

// term reads a field or a transformer; it returns nil where neither begins.
func (p *parser) term() (Operand, error) {
	if n := fieldNameLen(p.s, p.i); n > 0 {
		return p.field(n)
	}
	c, err := p.call()
	if c == nil || err != nil {
		return nil, err
	}
	return c, nil
}

// comparison reads operator and right side.
func (p *parser) comparison(left Operand) (Expr, error) {
	p.blank()
	c := &Check{Left: left, OpAt: p.i}
	var err error
	switch {
	case p.take(string(OpExists)):
		c.Op = OpExists
	case p.takeOp(c, numberOps, false):
		c.Right, err = p.numberSide()
	case p.takeOp(c, symbolOps, false), p.takeOp(c, wordOps, true):
		c.Mod, c.Right, err = p.textSide()
	case p.takeOp(c, listOps, false):
		c.Right, err = p.listSide()
	default:
		err = p.unexpectedOf("expected an operator", Operators())
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// takeOp takes the first of words that stands here; words that a blank must follow are only taken with one.
func (p *parser) takeOp(c *Check, words []string, blank bool) bool {
	for _, w := range words {
		if blank && !p.takeWord(w) || !blank && !p.take(w) {
			continue
		}
		if c.Op = Op(w); w == "==" {
			c.Op = OpEq
		}
		return true
	}
	return false
}

func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return &SyntaxError{Offset: p.i, Reason: "nested too deep"}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// blank skips blanks and says whether there were any.
func (p *parser) blank() bool {
	n := span(p.s, p.i, isBlank)
	p.i += n
	return n > 0
}

func (p *parser) take(text string) bool {
	if !strings.HasPrefix(p.s[p.i:], text) {
		return false
	}
	p.i += len(text)
	return true
}

// takeWord takes a word that a blank follows; the blank is left.
func (p *parser) takeWord(word string) bool {
	end := p.i + len(word)
	if end >= len(p.s) || !isSpace(p.s[end]) && !isBlank(p.s[end]) || p.s[p.i:end] != word {
		return false
	}
	p.i = end
	return true
}

// takeLen takes n bytes and says where they stood.
func (p *parser) takeLen(n int) (at int, text string) {
	at = p.i
	p.i += n
	return at, p.s[at:p.i]
}

func (p *parser) unexpected(expected ...string) *SyntaxError {
	return &SyntaxError{Offset: p.i, Expected: expected, Found: p.found()}
}

func (p *parser) unexpectedOf(reason string, expected []string) *SyntaxError {
	return &SyntaxError{Offset: p.i, Reason: reason, Expected: expected, Found: p.found()}
}

// found is the word at the cursor, cut at 32 bytes.
func (p *parser) found() string {
	if p.i == len(p.s) {
		return ""
	}
	n := max(1, span(p.s, p.i, isBare))
	return p.s[p.i : p.i+min(n, 32)]
}
