package webhook

import (
	"bytes"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// layOut makes the first value of a JSON text stand on one line, as the decoder wants it, where it is printed over several, and counts
// the events in the text: the items of lists, the elements of arrays, and other objects as one each. It looks at
// brackets and strings only: what is broken is left for the decoder to say so.
func layOut(data []byte) (events int) {
	for at, first := 0, true; at < len(data); {
		end := lineEnd(data, at)
		n, ok := countLine(data[at:end])
		if !ok && first {
			spans := lex.Reader{Data: data, Pos: at}
			if spans.Blanks(); spans.Skip() {
				oneLine(data[at:spans.Pos])
				end = lineEnd(data, at)
				n, _ = countLine(data[at:end])
			}
		}
		first = first && len(bytes.TrimSpace(data[at:end])) == 0
		events += n
		at = end + 1
	}
	return events
}

// lineEnd returns the offset of the next newline, or the end of data.
func lineEnd(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(data)
}

// oneLine puts blanks in the place of newlines. There are none in the strings of a valid text.
func oneLine(value []byte) {
	for i, c := range value {
		if c == '\n' || c == '\r' {
			value[i] = ' '
		}
	}
}

// countLine counts the events in a line of values; ok is false where one of them has no end, or is neither object nor array.
func countLine(line []byte) (events int, ok bool) {
	r := lex.Reader{Data: line}
	for r.Comma(); r.Pos < len(line); r.Comma() {
		if c := r.Peek(); c != '{' && c != '[' {
			return events, false
		}
		n, ok := countValue(&r)
		events += n
		if !ok {
			return events, false
		}
	}
	return events, true
}

// countValue counts the events in the value at r and goes past it; ok is false where it has no end.
func countValue(r *lex.Reader) (events int, ok bool) {
	if r.Peek() == '[' {
		return countElements(r, countObject)
	}
	return countObject(r)
}

// countObject counts the items of a list, and any other object as one.
func countObject(r *lex.Reader) (events int, ok bool) {
	if r.Peek() != '{' {
		return 0, r.Skip()
	}
	events = 1
	more, err := r.Open()
	for more && err == nil {
		var k lex.String
		if k, err = r.Key(); err != nil {
			break
		}
		if string(r.Data[k.Start:k.End]) != "items" || r.Peek() != '[' {
			ok = r.Skip()
		} else {
			events, ok = countElements(r, func(r *lex.Reader) (int, bool) { return 1, r.Skip() })
		}
		if !ok {
			return events, false
		}
		more, err = r.Next('}')
	}
	return events, err == nil
}

// countElements adds up what count says of the elements of the array at r.
func countElements(r *lex.Reader, count func(*lex.Reader) (int, bool)) (events int, ok bool) {
	more, err := r.Open()
	for more && err == nil {
		n, ok := count(r)
		events += n
		if !ok {
			return events, false
		}
		more, err = r.Next(']')
	}
	return events, err == nil
}
