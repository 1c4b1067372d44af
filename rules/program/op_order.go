package program

import "strings"

// ordered compares texts byte by byte, so that "9" is above "10".
type ordered struct {
	op   Op
	text string
}

func (m ordered) matchText(s string) bool { return inOrder(m.op, strings.Compare(s, m.text)) }

// inOrder says whether op, one of < <= > >= = !=, holds for a left side that compares to the right one as c does to 0.
func inOrder(op Op, c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	}
	return false
}
