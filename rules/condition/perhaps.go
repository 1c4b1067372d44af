package condition

// Answer is whether a condition holds as far as that can be told when not everything about an event is known.
type Answer int8

// The answers. Their order makes min the answer of and, max that of or.
const (
	No Answer = iota
	Perhaps
	Yes
)

// Holds says whether e holds, going by what check says of the comparisons in it.
func Holds(e Expr, check func(*Check) Answer) Answer {
	switch e := e.(type) {
	case *And:
		out := Yes
		for _, k := range e.Kids {
			out = min(out, Holds(k, check))
		}
		return out
	case *Or:
		out := No
		for _, k := range e.Kids {
			out = max(out, Holds(k, check))
		}
		return out
	case *Not:
		return Yes - Holds(e.Kid, check)
	case *Check:
		return check(e)
	}
	return Perhaps
}

// Asks calls f for the comparisons in e that stand under no not: those that can make it hold. A comparison under two of them, in
// what an exception leaves out of an exception, is none of these.
func Asks(e Expr, f func(*Check)) {
	switch e := e.(type) {
	case *And:
		for _, k := range e.Kids {
			Asks(k, f)
		}
	case *Or:
		for _, k := range e.Kids {
			Asks(k, f)
		}
	case *Check:
		f(e)
	}
}

// Texts are the texts of an operand: that of a *Text, or those of a *List.
func Texts(o Operand) (out []string) {
	switch o := o.(type) {
	case *Text:
		return []string{o.Value}
	case *List:
		for _, item := range o.Items {
			out = append(out, Texts(item)...)
		}
	}
	return out
}
