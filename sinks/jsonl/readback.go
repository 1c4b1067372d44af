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
	since := modified(paths).Add(-f.cfg.Remember)
	for _, path := range append(paths, f.cfg.File) {
		if path != f.cfg.File && modified([]string{path}).Before(since) {
			continue
		}
		n, err := readFile(path, known)
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

// modified is when one of files was last written to. Files are as old as the others make them, whatever the clock says: it may have jumped.
func modified(paths []string) (last time.Time) {
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// readFile reads one file.
func readFile(path string, known *known) (odd int, err error) {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // somebody tidied up
	}
	if err != nil {
		return 0, err
	}
	defer in.Close()
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
