// Package auditlog makes audit logs of any length for benchmarks: the lines of a real one again and again, each with an id and times
// of its own.
package auditlog

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
)

const stamp = "2006-01-02T15:04:05.000000Z" // metav1.MicroTime in JSON

// A Template is one real line with the places of what makes each copy an event of its own.
type Template struct {
	Text               []byte
	id, received, done int // offsets of auditID and the two times; -1 where the line has none
	receivedNs, doneNs int64
	user, userEnd      int // span of user.username
}

// Read reads a real audit log, one event a line.
func Read(file string) ([]Template, error) {
	log, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []Template
	for line := range bytes.Lines(log) {
		t := Template{Text: line}
		t.id = After(line, `"auditID":"`)
		t.received, t.receivedNs = timeAt(line, `"requestReceivedTimestamp":"`)
		t.done, t.doneNs = timeAt(line, `"stageTimestamp":"`)
		t.user = After(line, `"user":{"username":"`)
		if t.user >= 0 {
			t.userEnd = t.user + bytes.IndexByte(line[t.user:], '"')
		}
		out = append(out, t)
	}
	return out, nil
}

// After returns the offset behind the last occurrence of key in line, or -1.
func After(line []byte, key string) int {
	i := bytes.LastIndex(line, []byte(key))
	if i < 0 {
		return -1
	}
	return i + len(key)
}

func timeAt(line []byte, key string) (int, int64) {
	i := After(line, key)
	if i < 0 {
		return -1, 0
	}
	t, err := time.Parse(stamp, string(line[i:i+len(stamp)]))
	if err != nil {
		return -1, 0
	}
	return i, t.UnixNano()
}

// Generate writes at least size bytes: the log again and again, each time three minutes later and with ids of its own. With users set,
// each line also has a user of its own, and is not of use to compare verdicts.
func Generate(w io.Writer, ts []Template, size int64, users bool) (events int64, err error) {
	var buf []byte
	for round := int64(0); size > 0; round++ {
		for i := range ts {
			buf = ts[i].Append(buf[:0], events, time.Duration(round)*3*time.Minute, users)
			n, err := w.Write(buf)
			if err != nil {
				return events, err
			}
			size -= int64(n)
			events++
		}
	}
	return events, nil
}

// HasUser says whether the line names a user, so that a copy may have one of its own.
func (t *Template) HasUser() bool { return t.user >= 0 }

// AppendAt appends the line as the event with number n that ended at a time.
func (t *Template) AppendAt(buf []byte, n int64, at time.Time) []byte {
	return t.Append(buf, n, at.Sub(time.Unix(0, t.doneNs)), false)
}

// Append appends the line as the event with number n, so much later than it is in the log; with users set, with a user of its own.
func (t *Template) Append(buf []byte, n int64, later time.Duration, users bool) []byte {
	start := len(buf)
	if users && t.user >= 0 {
		buf = append(buf, t.Text[:t.user]...)
		buf = fmt.Appendf(buf, "user-%012d", n)
		grown := len(buf) - start - t.userEnd
		buf = append(buf, t.Text[t.userEnd:]...)
		t.stampOn(buf[start:], n, later, grown)
		return buf
	}
	buf = append(buf, t.Text...)
	t.stampOn(buf[start:], n, later, 0)
	return buf
}

// stampOn writes id and times into a copy of the line in which what follows the user has moved by so many bytes.
func (t *Template) stampOn(line []byte, n int64, later time.Duration, moved int) {
	if t.id >= 0 && t.id+36 <= len(line) { // before the user
		copy(line[t.id:], fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(n), n))
	}
	if t.received >= 0 {
		at := time.Unix(0, t.receivedNs).UTC().Add(later)
		copy(line[t.received+moved:], at.Format(stamp))
	}
	if t.done >= 0 {
		at := time.Unix(0, t.doneNs).UTC().Add(later)
		copy(line[t.done+moved:], at.Format(stamp))
	}
}
