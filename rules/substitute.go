package rules

import (
	"fmt"
	"strings"
)

// maxConditionBytes bounds a condition after lists are put in: lists may name lists, and grow without end.
const maxConditionBytes = 1 << 20

const (
	listBlanks = " \t\n\r"
	listDelims = listBlanks + "(),="
)

// resolveLists makes the text of each list. An item that names a list defined before stands for that list's own items, which
// are not looked into further: this is how Falco resolves lists, and so a third level is left as a name.
func (s *namespace) resolveLists() {
	for _, l := range s.lists {
		var items []text
		for _, item := range l.items {
			inner := s.list[item.s]
			if inner == nil || inner.first >= l.visible {
				items = append(items, item)
				continue
			}
			items = append(items, inner.items...)
			for _, i := range inner.items {
				l.names = l.names || s.list[i.s] != nil && s.list[i.s].first < l.first
			}
		}
		l.all = joinItems(items)
	}
}

func joinItems(items []text) text {
	var b textBuilder
	for i, item := range items {
		if b.s.Len() > maxConditionBytes {
			break
		}
		if i > 0 {
			b.add(madeText(", ", item.runs[0].origin))
		}
		b.add(item)
	}
	return b.text()
}

// substitute puts the items of lists where their names stand, in the order in which the lists were defined. Each part of the
// text sees the lists of its own namespace. It returns false where the result is too long.
func substitute(t text) (text, bool) {
	var b textBuilder
	for from := 0; from < len(t.s); {
		to := t.sameSpace(from)
		part, ok := substituteAll(t.slice(from, to))
		if !ok || b.s.Len()+len(part.s) > maxConditionBytes {
			return t, false
		}
		b.add(part)
		from = to
	}
	return b.text(), true
}

// sameSpace is where the part that begins at from and belongs to one namespace ends.
func (t text) sameSpace(from int) int {
	space := t.originAt(from).space
	for _, r := range t.runs {
		if r.start > from && r.space != space {
			return r.start
		}
	}
	return len(t.s)
}

func substituteAll(t text) (text, bool) {
	if len(t.runs) == 0 {
		return t, true
	}
	for _, l := range t.runs[0].space.lists {
		if !strings.Contains(t.s, l.name) {
			continue
		}
		var ok bool
		if t, ok = substituteList(t, l); !ok {
			return t, false
		}
	}
	return t, true
}

// substituteList replaces the name of one list wherever blanks, parentheses, commas, "=" or the ends surround it: in the bare
// text, so that names inside quotes count as well. The blanks around it become one; where the list is empty, a comma next to it goes too.
func substituteList(t text, l *listDef) (text, bool) {
	var b textBuilder
	done := 0
	for from := 0; ; {
		at := strings.Index(t.s[from:], l.name)
		if at < 0 {
			break
		}
		start, end := from+at, from+at+len(l.name)
		from = start + 1
		if start > 0 && !strings.ContainsRune(listDelims, rune(t.s[start-1])) ||
			end < len(t.s) && !strings.ContainsRune(listDelims, rune(t.s[end])) {
			continue
		}
		name := t.slice(start, end)
		start = max(done, len(strings.TrimRight(t.s[:start], listBlanks)))
		end += len(t.s[end:]) - len(strings.TrimLeft(t.s[end:], listBlanks))
		if len(l.items) == 0 {
			start, end = dropComma(t.s, start, end, done)
		}
		b.add(t.slice(done, start))
		b.add(l.used(name, start > 0))
		done, from = end, end
		if b.s.Len() > maxConditionBytes {
			return t, false
		}
	}
	b.add(t.slice(done, len(t.s)))
	return b.text(), true
}

func dropComma(s string, start, end, done int) (int, int) {
	switch {
	case start > done && s[start-1] == ',':
		start--
	case end < len(s) && s[end] == ',':
		end++
	}
	return start, end
}

// used is the list's text with blanks around, of which each byte tells where the list was named.
func (l *listDef) used(name text, blank bool) text {
	line, column := name.place(0).lineColumn()
	note := fmt.Sprintf("list %q is used at %s:%d:%d", l.name, name.place(0).file.name, line, column)
	var b textBuilder
	if blank {
		b.add(madeText(" ", name.runs[0].origin))
	}
	b.add(l.all)
	for i := range b.runs {
		b.runs[i].note = note
	}
	b.add(madeText(" ", name.runs[0].origin))
	return b.text()
}
