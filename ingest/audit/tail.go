package audit

import (
	"bytes"
	"encoding/binary"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// The end of an event as the API server writes it, k8s.io/apiserver Event in the order of its members: two times of a fixed
// size, then the annotations if there are any.
const (
	receivedKey    = `,"requestReceivedTimestamp":"`
	stageKey       = `","stageTimestamp":"`
	annotationsKey = `,"annotations":`

	receivedAt = len(receivedKey)
	stageAt    = receivedAt + len(microTime) + len(stageKey)
	timesLen   = stageAt + len(microTime) + 1 // with the closing quote
)

// tail is the end of an event as the API server writes it, checked byte by byte. If what stands before it in the line is
// valid, it is the last members of the event: nothing inside a string or a body can look like it, since a quote in a string
// is escaped and behind a body the event has to be closed.
type tail struct {
	start       int   // offset in the line of the comma before requestReceivedTimestamp; 0 where there is no such tail
	ns          int64 // stageTimestamp in nanoseconds since 1970 UTC
	annotations span
	says        *authorization // what annotations says
}

// takeTail takes the members of the tail.
func (e *Event) takeTail(t *tail) {
	received, stage := uint32(t.start+receivedAt), uint32(t.start+stageAt)
	e.received = text{received, received + uint32(len(microTime)), plain}
	e.stageTime = text{stage, stage + uint32(len(microTime)), plain}
	e.timeNs, e.timeKnown = t.ns, true
	if t.annotations.present() {
		e.annotations, e.remembered = t.annotations, t.says
	}
}

// tails finds tails. It remembers the annotations seen last, since most events end in one of a few texts: from annotationsKey to
// the end of the line, checked.
type tails struct{ memo[authorization] }

// tailBytes is how far from the end of a line its hash looks. Annotations that are shorter are never found again.
const tailBytes = 80

// tailHash is the hash of the text that a line ends with.
func tailHash(line []byte) (h uint64) {
	last := line[len(line)-tailBytes:]
	for i := 0; i < tailBytes; i += 16 {
		h = mix(h, binary.LittleEndian.Uint64(last[i:]))
	}
	return h
}

// find finds the tail of line.
func (f *tails) find(line []byte) (t tail) {
	n := len(line)
	if n < timesLen+tailBytes || line[n-1] != '}' {
		return t
	}
	switch line[n-2] {
	case '"':
		return timesAt(line, n-1-timesLen)
	case '}':
		size, says := f.annotations(line)
		if size == 0 {
			return t
		}
		at := n - size
		t = timesAt(line, at-timesLen)
		t.annotations, t.says = span{uint32(at + len(annotationsKey)), uint32(n - 1)}, says
	}
	return t
}

// annotations returns the length of the text from annotationsKey on that line ends with, and what it says, to be read when
// it is asked for; 0 where there is none.
func (f *tails) annotations(line []byte) (int, *authorization) {
	set := f.set(tailHash(line))
	for i := range set.kept {
		known := &set.kept[i]
		if len(known.text) > 0 && bytes.HasSuffix(line, known.text) {
			return len(known.text), &known.read
		}
	}
	text := findAnnotations(line[max(0, len(line)-memoMaxBytes):])
	if len(text) == 0 {
		return 0, nil
	}
	says := set.keep(text)
	says.reset()
	return len(text), says
}

// findAnnotations returns the annotations that the end of a line ends with, from annotationsKey on; nil where there are none.
func findAnnotations(line []byte) []byte {
	at := bytes.LastIndex(line, []byte(annotationsKey))
	if at < 0 {
		return nil
	}
	r := lex.Reader{Data: line, Pos: at + len(annotationsKey)}
	if r.Peek() != '{' || r.Value() != nil || r.Pos != len(line)-1 {
		return nil
	}
	return line[at:]
}

// timesAt checks the times that should begin at start; t.start is 0 if they do not.
func timesAt(line []byte, start int) (t tail) {
	if start <= 0 {
		return t
	}
	b := line[start : start+timesLen]
	if string(b[:receivedAt]) != receivedKey || string(b[stageAt-len(stageKey):stageAt]) != stageKey || b[timesLen-1] != '"' {
		return t
	}
	r := lex.Reader{Data: b, Pos: receivedAt - 1}
	s, err := r.String()
	if err != nil || s.Escaped || s.End != receivedAt+len(microTime) {
		return t
	}
	ns, ok := parseMicroTime(lex.Alias(b[stageAt : stageAt+len(microTime)]))
	if ok {
		t.start, t.ns = start, ns
	}
	return t
}
