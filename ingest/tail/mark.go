package tail

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// headBytes is how many first bytes of a file tell it from others. A line of a log has a time, and mostly an id, within them.
const headBytes = 1 << 10

// mark is a place in a file, and how to know the file again. It is what the state file holds.
type mark struct {
	Path      string `json:"path"` // where the file was when it was begun, symbolic links followed
	Dev       uint64 `json:"dev"`
	Ino       uint64 `json:"ino"`
	Head      string `json:"head"`      // hash of the file's first HeadBytes bytes, decompressed
	HeadBytes int    `json:"headBytes"` // at most headBytes
	Offset    int64  `json:"offset"`    // of the first byte that is not stored yet, decompressed: where a line begins
	Line      int64  `json:"line"`      // number of that line, from 1; 0 where it is not known
	Cut       bool   `json:"cut,omitempty"`
	Done      bool   `json:"done,omitempty"` // there is nothing more to read
}

// hashHead is what mark.Head holds for these first bytes.
func hashHead(head []byte) string {
	sum := sha256.Sum256(head)
	return hex.EncodeToString(sum[:16])
}

// learn takes in the head of the file that m is a place in.
func (m *mark) learn(head []byte) {
	if len(head) > m.HeadBytes {
		m.Head, m.HeadBytes = hashHead(head), len(head)
	}
}

// begins says whether a file whose head is given begins as the one that m is a place in did when it was last looked at.
func (m *mark) begins(head []byte) bool {
	return len(head) >= m.HeadBytes && (m.HeadBytes == 0 || hashHead(head[:m.HeadBytes]) == m.Head)
}

// in says whether f is the file that m is a place in: the file itself, wherever it was moved, or a copy of it. A file that is
// done with does not grow: one that did is read again.
func (m *mark) in(f *found) bool {
	switch {
	case !m.begins(f.head):
		return false
	case m.isInode(f) && m.Done:
		return f.size == m.Offset
	case m.isInode(f):
		return f.size >= m.Offset
	}
	return m.copiedTo(f)
}

// is says whether f is the file that m is a place in, or a copy of it, however long.
func (m *mark) is(f *found) bool { return m.begins(f.head) && (m.isInode(f) || m.copiedTo(f)) }

func (m *mark) isInode(f *found) bool { return f.kind == plain && m.Dev == f.dev && m.Ino == f.ino }

// copiedTo says whether f, which begins as the file of m did, is a copy of it, compressed or not. One of a file that was shorter
// than a head must be as short.
func (m *mark) copiedTo(f *found) bool {
	return m.HeadBytes == headBytes || m.HeadBytes > 0 && len(f.head) == m.HeadBytes
}

// findIn is where among all the file is that m is a place in; the file itself comes before copies of it. -1 where it is not.
func (m *mark) findIn(all []*found) int {
	if i := slices.IndexFunc(all, func(f *found) bool { return m.isInode(f) && m.in(f) }); i >= 0 {
		return i
	}
	return slices.IndexFunc(all, m.in)
}
