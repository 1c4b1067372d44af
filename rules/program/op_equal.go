package program

// equal compares byte by byte: "=" and, negated, "!=".
type equal struct {
	text   string
	negate bool
}

func (m equal) matchText(s string) bool { return (s == m.text) != m.negate }
