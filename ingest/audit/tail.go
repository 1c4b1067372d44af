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
}

// takeTail takes the members of the tail.
func (e *Event) takeTail(t *tail) {
	received, stage := uint32(t.start+receivedAt), uint32(t.start+stageAt)
	e.received = text{received, received + uint32(len(microTime)), plain}
	e.stageTime = text{stage, stage + uint32(len(microTime)), plain}
	e.timeNs, e.timeKnown = t.ns, true
	if t.annotations.present() {
		e.annotations = t.annotations
	}
}

// tails finds tails. It remembers the annotations seen last, since most events end in one of a few texts.
type tails struct {
	memo [memoEntries][]byte // by memoIndex: text from annotationsKey to the end of the line, checked; empty where there is none
}

const (
	memoEntries = 256
	memoBytes   = 4096 // longest text that is remembered, and how far from the end of a line annotations are looked for
	memoBack    = 40   // bytes from the end of the line that memoIndex looks at; no tail is as short
)

// memoIndex is where the memo keeps the text that a line ends with.
func memoIndex(line []byte) uint64 {
	n := len(line)
	h := binary.LittleEndian.Uint64(line[n-10:]) * 0x9E3779B97F4A7C15
	h = (h ^ binary.LittleEndian.Uint64(line[n-memoBack:])) * 0x9E3779B97F4A7C15
	return h >> 56
}

// find finds the tail of line.
func (f *tails) find(line []byte) (t tail) {
	n := len(line)
	if n < timesLen+memoBack || line[n-1] != '}' {
		return t
	}
	if line[n-2] == '"' {
		return timesAt(line, n-1-timesLen)
	}
	if line[n-2] != '}' {
		return t
	}
	known := &f.memo[memoIndex(line)]
	if len(*known) == 0 || !bytes.HasSuffix(line, *known) {
		if !remember(known, line) {
			return t
		}
	}
	at := n - len(*known)
	t = timesAt(line, at-timesLen)
	t.annotations = span{uint32(at + len(annotationsKey)), uint32(n - 1)}
	return t
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
	ns, ok := parseMicroTime(alias(b[stageAt : stageAt+len(microTime)]))
	if ok {
		t.start, t.ns = start, ns
	}
	return t
}

// remember looks for the annotations that line ends with, checks them and keeps them in known. It says whether it found them.
func remember(known *[]byte, line []byte) bool {
	window := line[max(0, len(line)-memoBytes):]
	at := bytes.LastIndex(window, []byte(annotationsKey))
	if at < 0 {
		return false
	}
	r := lex.Reader{Data: window, Pos: at + len(annotationsKey)}
	if r.Peek() != '{' || r.Value() != nil || r.Pos != len(window)-1 {
		return false
	}
	*known = append((*known)[:0], window[at:]...)
	return true
}
