package condition

import "slices"

// numberSide reads the right side of < <= > >=: a number or a term, never a bare string.
func (p *parser) numberSide() (Operand, error) {
	p.blank()
	if o, err := p.rightTerm(); o != nil || err != nil {
		return o, err
	}
	if t := p.number(); t != nil {
		return t, nil
	}
	return nil, p.unexpected("a number", "val(field)", "a transformer")
}

// textSide reads the right side of an operator on text: a term, a constant, or a modifier and a list.
func (p *parser) textSide() (Mod, Operand, error) {
	if p.blank() {
		if m := p.modifier(); m != ModNone {
			l, err := p.list()
			return m, l, err
		}
	}
	if o, err := p.rightTerm(); o != nil || err != nil {
		return ModNone, o, err
	}
	t, err := p.constant()
	if err != nil {
		return ModNone, nil, err
	}
	if t == nil {
		return ModNone, nil, p.unexpected("a string", "val(field)", "a transformer")
	}
	return ModNone, t, nil
}

// modifier takes a modifier and the blanks after it, where a list follows.
func (p *parser) modifier() Mod {
	start := p.i
	for _, m := range modifiers {
		if p.takeWord(m) {
			if p.blank(); p.i < len(p.s) && p.s[p.i] == '(' {
				return Mod(m)
			}
			p.i = start
		}
	}
	return ModNone
}

// listSide reads the right side of in, intersects and pmatch: a list, a term or one identifier.
func (p *parser) listSide() (Operand, error) {
	p.blank()
	if p.i < len(p.s) && p.s[p.i] == '(' {
		return p.list()
	}
	if o, err := p.rightTerm(); o != nil || err != nil {
		return o, err
	}
	if n := identifierLen(p.s, p.i); n > 0 {
		return p.text(n), nil
	}
	return nil, p.unexpected("a list in parentheses", "val(field)", "a transformer")
}

// list reads a list of constants in parentheses, which may be empty.
func (p *parser) list() (Operand, error) {
	l := &List{At: p.i}
	if !p.take("(") {
		return nil, p.unexpected("'('")
	}
	if p.blank(); p.take(")") {
		return l, nil
	}
	for {
		p.blank()
		t, err := p.constant()
		if err != nil {
			return nil, err
		}
		if t == nil {
			return nil, p.unexpected("a string")
		}
		l.Items = append(l.Items, t)
		if p.blank(); p.take(")") {
			return l, nil
		}
		if !p.take(",") {
			return nil, p.unexpected("','", "')'")
		}
	}
}

// rightTerm reads val(field) or a transformer; it returns nil where neither begins.
func (p *parser) rightTerm() (Operand, error) {
	if p.take("val(") {
		return p.val()
	}
	c, err := p.call()
	if c == nil || err != nil {
		return nil, err
	}
	return c, nil
}

// val reads the field of val(, whose parenthesis is already open.
func (p *parser) val() (Operand, error) {
	p.blank()
	n := fieldNameLen(p.s, p.i)
	if n == 0 {
		return nil, p.unexpected("a field")
	}
	f, err := p.field(n)
	if err != nil {
		return nil, err
	}
	if p.blank(); !p.take(")") {
		return nil, p.unexpected("')'")
	}
	return f, nil
}

// call reads a transformer; it returns nil where none begins.
func (p *parser) call() (*Call, error) {
	n := identifierLen(p.s, p.i)
	name := p.s[p.i : p.i+n]
	if !slices.Contains(transformers, name) || p.i+n == len(p.s) || p.s[p.i+n] != '(' {
		return nil, nil
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	at, _ := p.takeLen(n + len("("))
	args, err := p.args(p.arg)
	if err != nil {
		return nil, err
	}
	c := &Call{At: at, Fn: name, Args: args}
	if p.take("[") {
		c.HasOpt = true
		c.Opt, err = p.bracketed()
	}
	return c, err
}

// args reads arguments up to and with the closing parenthesis.
func (p *parser) args(one func() (Operand, error)) ([]Operand, error) {
	var args []Operand
	for {
		p.blank()
		a, err := one()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		if p.blank(); p.take(")") {
			return args, nil
		}
		if !p.take(",") {
			return nil, p.unexpected("','", "')'")
		}
	}
}

// arg reads an argument of a transformer: a scalar or a list of scalars.
func (p *parser) arg() (Operand, error) {
	at := p.i
	if !p.take("(") {
		return p.scalarArg()
	}
	if p.blank(); p.take(")") {
		return &List{At: at}, nil
	}
	items, err := p.args(p.scalarArg)
	return &List{At: at, Items: items}, err
}

func (p *parser) scalarArg() (Operand, error) {
	if t := p.number(); t != nil {
		return t, nil
	}
	if t, err := p.quoted(); t != nil || err != nil {
		return t, err
	}
	o, err := p.term()
	if o == nil && err == nil {
		err = p.unexpected("a field", "a transformer", "a quoted string", "a number")
	}
	return o, err
}

func (p *parser) number() *Text {
	n := numberLen(p.s, p.i)
	if n == 0 {
		return nil
	}
	return p.text(n)
}

func (p *parser) text(n int) *Text {
	at, s := p.takeLen(n)
	return &Text{At: at, Value: s}
}

// constant reads a quoted or bare string; it returns nil where neither begins.
func (p *parser) constant() (*Text, error) {
	if t, err := p.quoted(); t != nil || err != nil {
		return t, err
	}
	n := span(p.s, p.i, isBare)
	if n == 0 {
		return nil, nil
	}
	return p.text(n), nil
}

func (p *parser) quoted() (*Text, error) {
	if p.i == len(p.s) || p.s[p.i] != '"' && p.s[p.i] != '\'' {
		return nil, nil
	}
	n := quotedLen(p.s, p.i)
	if n == 0 {
		return nil, &SyntaxError{Offset: p.i, Reason: "the quoted string does not end"}
	}
	text, bad := unquote(p.s[p.i : p.i+n])
	if bad >= 0 {
		return nil, &SyntaxError{Offset: p.i + bad, Reason: `unknown escape in a quoted string`}
	}
	t := &Text{At: p.i, Value: text}
	p.i += n
	return t, nil
}

// field reads a field whose name has n bytes, and its argument where there is one.
func (p *parser) field(n int) (*Field, error) {
	at, name := p.takeLen(n)
	f := &Field{At: at, Name: name}
	if !p.take("[") {
		return f, nil
	}
	f.HasArg, f.ArgAt = true, p.i
	var err error
	if f.Arg, err = p.bracketed(); err != nil {
		return nil, err
	}
	return f, nil
}

// bracketed reads an argument and the bracket that closes it.
func (p *parser) bracketed() (string, error) {
	t, err := p.quoted()
	if err != nil {
		return "", err
	}
	var arg string
	switch n := span(p.s, p.i, isBareArg); {
	case t != nil:
		arg = t.Value
	case n > 0:
		_, arg = p.takeLen(n)
	default:
		return "", p.unexpected("an argument")
	}
	if !p.take("]") {
		return "", p.unexpected("']'")
	}
	return arg, nil
}
