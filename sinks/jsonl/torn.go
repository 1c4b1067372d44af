package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/parallax-sec/parallax/event"
)

// cutTorn takes what stands behind the last newline of the file out of it, since the writer of it died, or the machine did, before
// it was a line. It is moved to FILE.torn.
func (f *file) cutTorn() error {
	size, err := f.size()
	if err != nil {
		return err
	}
	whole, err := endOfLines(f.f, size)
	if err != nil || whole == size {
		return err
	}
	torn := io.NewSectionReader(f.f, whole, size-whole)
	to, err := keepTorn(f.cfg.File+".torn", torn)
	if noRoom(err) { // alerts go on; what is cut off here is still in the queue, if it was an alert
		to, err = "nowhere, the disk is full: "+beginning(torn), nil
	}
	if err != nil {
		return err
	}
	f.log.Warn("the last line was torn, it is cut off", "bytes", size-whole, "moved", to)
	return f.f.Truncate(whole)
}

// endOfLines returns where the last whole line of a file ends.
func endOfLines(f io.ReaderAt, size int64) (int64, error) {
	var block [64 << 10]byte
	for end := size; end > 0; {
		b := block[:min(end, int64(len(block)))]
		end -= int64(len(b))
		if _, err := f.ReadAt(b, end); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return end + int64(i) + 1, nil
		}
	}
	return 0, nil
}

// keepTorn appends what was torn, and a newline, to the file that keeps such.
func keepTorn(path string, torn io.Reader) (string, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("keep it: %w", err)
	}
	_, err = io.Copy(f, io.MultiReader(torn, bytes.NewReader([]byte{'\n'})))
	return path, errors.Join(err, f.Sync(), f.Close())
}

// noRoom says whether err is for lack of room.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// beginning is the beginning of what was torn, safe to show.
func beginning(torn *io.SectionReader) string {
	b := make([]byte, min(torn.Size(), event.MaxTextBytes))
	n, _ := torn.ReadAt(b, 0)
	return event.Escape(string(b[:n]))
}
