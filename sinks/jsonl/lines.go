package jsonl

import (
	"bufio"
	"encoding/json"
	"errors"
)

// readLine returns the next line without its newline, and only some of one that is longer than any of ours. It is valid until the
// next call. The error stands behind the last line.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return trimNewline(line), err
	}
	var long []byte
	for errors.Is(err, bufio.ErrBufferFull) {
		if long = append(long, line...); len(long) > maxLineBytes {
			long = long[:0]
		}
		line, err = r.ReadSlice('\n')
	}
	return trimNewline(append(long, line...)), err
}

func trimNewline(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		return line[:n-1]
	}
	return line
}

// lineKey returns the key of the alert that a line is.
func lineKey(line []byte) (key, bool) {
	var doc struct {
		Event    struct{ ID string }
		Parallax struct{ Revision int }
	}
	if err := json.Unmarshal(line, &doc); err != nil || doc.Event.ID == "" {
		return key{}, false
	}
	return keyOf(doc.Event.ID, doc.Parallax.Revision), true
}
