package rules

import (
	"sort"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// file is a rule file that is being loaded, and where its lines begin.
type file struct {
	index   int
	name    string
	builtin bool
	data    string
	lines   []int // offset of each line
	scalars map[*yaml.Node][]int
}

func newFile(index int, f File) *file {
	out := &file{index: index, name: f.Name, builtin: f.Builtin, data: strings.TrimPrefix(string(f.Data), "\ufeff")}
	out.scalars = map[*yaml.Node][]int{}
	out.lines = []int{0}
	for i := range len(out.data) {
		if out.data[i] == '\n' {
			out.lines = append(out.lines, i+1)
		}
	}
	return out
}

// place is a byte of a file.
type place struct {
	file *file
	off  int
	note string // how the text came from there to where it is used
}

// lineColumn counts from 1; the column in characters.
func (p place) lineColumn() (line, column int) {
	line = sort.SearchInts(p.file.lines, p.off+1)
	return line, utf8.RuneCountInString(p.file.data[p.file.lines[line-1]:p.off]) + 1
}

// lineText is the line without its end.
func (p place) lineText() string {
	line, _ := p.lineColumn()
	text, _, _ := strings.Cut(p.file.data[p.file.lines[line-1]:], "\n")
	return strings.TrimSuffix(text, "\r")
}

// at is the place of a node.
func (f *file) at(n *yaml.Node) place { return place{file: f, off: f.offset(n.Line, n.Column)} }

// offset turns a line and a column, both from 1, into an offset.
func (f *file) offset(line, column int) int {
	if line < 1 || line > len(f.lines) {
		return len(f.data)
	}
	off := f.lines[line-1]
	for ; column > 1 && off < len(f.data); column-- {
		_, n := utf8.DecodeRuneInString(f.data[off:])
		off += n
	}
	return off
}

// inScalar is the place of a byte of a scalar's value.
func (f *file) inScalar(n *yaml.Node, i int) place {
	offs, ok := f.scalars[n]
	if !ok {
		offs = f.alignScalar(n)
		f.scalars[n] = offs
	}
	if i < len(offs) {
		return place{file: f, off: offs[i]}
	}
	if len(offs) == 0 {
		return f.at(n)
	}
	return place{file: f, off: min(offs[len(offs)-1]+1, len(f.data))}
}

// alignScalar finds where each byte of a scalar's value stands in the file. YAML only rearranges blanks and writes some
// characters as escapes, so value and file are walked side by side: other characters are found one after the other, blanks
// belong where the character before them ended. Where the two do not fit, the rest stays at the last place known.
func (f *file) alignScalar(n *yaml.Node) []int {
	a := aligner{src: f.data, at: f.scalarStart(n), quote: quoteOf(n.Style)}
	offs := make([]int, len(n.Value))
	for i := 0; i < len(n.Value); {
		_, size := utf8.DecodeRuneInString(n.Value[i:])
		off := a.next(n.Value[i : i+size])
		for k := range size {
			offs[i+k] = min(off+k, len(f.data))
		}
		i += size
	}
	return offs
}

// scalarStart is where the text of a scalar begins: after its anchor and tag, its quote, or the line of a block's header.
func (f *file) scalarStart(n *yaml.Node) int {
	off := f.offset(n.Line, n.Column)
	for off < len(f.data) && (f.data[off] == '&' || f.data[off] == '!') {
		off += strings.IndexAny(f.data[off:]+" ", " \t\n")
		off += len(f.data[off:]) - len(strings.TrimLeft(f.data[off:], " \t\r\n"))
	}
	switch n.Style &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		return min(off+1, len(f.data))
	case yaml.LiteralStyle, yaml.FoldedStyle:
		return off + strings.IndexByte(f.data[off:]+"\n", '\n')
	}
	return off
}

func quoteOf(s yaml.Style) byte {
	switch s &^ yaml.TaggedStyle {
	case yaml.DoubleQuotedStyle:
		return '"'
	case yaml.SingleQuotedStyle:
		return '\''
	}
	return 0
}

// aligner walks the text of a scalar in a file.
type aligner struct {
	src   string
	at    int // what is before has been found
	quote byte
	lost  bool
}

// next returns where a character of the value stands.
func (a *aligner) next(char string) int {
	if a.lost {
		return a.at
	}
	if strings.ContainsAny(char, " \t\n\r") && !strings.HasPrefix(a.src[a.at:], `\`) {
		off := a.at
		if off < len(a.src) && a.src[off] == char[0] {
			a.at++
		}
		return off
	}
	off := a.skipBlanks(a.at)
	if n := a.escapeLen(off); n > 0 {
		a.at = off + n
		return off
	}
	if !strings.HasPrefix(a.src[off:], char) {
		a.lost = true
		return a.at
	}
	a.at = off + len(char)
	return off
}

// skipBlanks skips blanks and the line ends that double quotes allow to be escaped.
func (a *aligner) skipBlanks(off int) int {
	for off < len(a.src) {
		switch {
		case strings.IndexByte(" \t\r\n", a.src[off]) >= 0:
			off++
		case a.quote == '"' && strings.HasPrefix(a.src[off:], "\\\n"):
			off += 2
		case a.quote == '"' && strings.HasPrefix(a.src[off:], "\\\r\n"):
			off += 3
		default:
			return off
		}
	}
	return off
}

// escapeLen is the length of the escape at off, 0 where there is none.
func (a *aligner) escapeLen(off int) int {
	rest := a.src[off:]
	switch {
	case a.quote == '\'' && strings.HasPrefix(rest, "''"):
		return 2
	case a.quote != '"' || len(rest) < 2 || rest[0] != '\\':
		return 0
	}
	n := 2
	switch rest[1] {
	case 'x':
		n = 4
	case 'u':
		n = 6
	case 'U':
		n = 10
	}
	return min(n, len(rest))
}
