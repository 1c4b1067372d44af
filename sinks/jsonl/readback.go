package jsonl

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// maxLineBytes bounds one line that is read back; lines of ours are far shorter.
const maxLineBytes = 4 << 20

// readBack adds to known what the files hold, the oldest first. Lines that are none of ours are counted and left.
func (f *file) readBack(known *known) error {
	paths, err := finished(f.cfg.File)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	odd := 0
	for _, path := range append(paths, f.cfg.File) {
		n, err := f.readFile(path, known)
		if err != nil {
			return fmt.Errorf("read back: %w", err)
		}
		odd += n
	}
	if odd > 0 {
		f.log.Warn("lines in the files that are no alerts stay as they are", "lines", odd)
	}
	return nil
}

// readFile reads one file, unless it is too old.
func (f *file) readFile(path string, known *known) (odd int, err error) {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // somebody tidied up
	}
	if err != nil {
		return 0, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || time.Since(info.ModTime()) > f.cfg.Remember {
		return 0, err
	}
	return readLines(in, func(k key) { known.add(k) })
}

// readLines calls add for each alert and counts the lines that are none.
func readLines(in io.Reader, add func(key)) (odd int, err error) {
	lines := bufio.NewReaderSize(in, 64<<10)
	for {
		line, err := readLine(lines)
		if k, ok := lineKey(line); ok {
			add(k)
		} else if len(line) > 0 {
			odd++
		}
		if errors.Is(err, io.EOF) {
			return odd, nil
		}
		if err != nil {
			return odd, err
		}
	}
}
