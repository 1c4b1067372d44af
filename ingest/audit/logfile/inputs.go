package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// stdinName stands for standard input among paths.
const stdinName = "-"

// input is one file to be read, or standard input.
type input struct {
	path  string
	size  int64
	named bool // by the caller, not found in a directory
}

// findInputs returns the files behind paths in order of name, each once, and what had to be left out of directories.
// An error names every path that cannot be read.
func findInputs(paths []string) ([]input, []event.Fault, error) {
	if len(paths) == 0 {
		return nil, nil, errors.New("nothing to read: name log files, directories, or - for standard input")
	}
	var w walk
	for _, p := range paths {
		if err := w.named(p); err != nil {
			w.errs = append(w.errs, err)
		}
	}
	slices.SortFunc(w.inputs, func(a, b input) int { return strings.Compare(a.path, b.path) })
	w.inputs = slices.CompactFunc(w.inputs, func(a, b input) bool { return a.path == b.path })
	return w.inputs, w.faults, errors.Join(w.errs...)
}

// walk collects files.
type walk struct {
	inputs []input
	faults []event.Fault
	errs   []error
}

func (w *walk) named(path string) error {
	if path == stdinName {
		w.inputs = append(w.inputs, input{path: path, named: true})
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	path = filepath.Clean(path)
	if !info.IsDir() {
		if what := special(info.Mode()); what != "" {
			return fmt.Errorf("open log: %s is %s", path, what)
		}
		w.inputs = append(w.inputs, input{path: path, size: info.Size(), named: true})
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("open log directory: %w", err)
	}
	before := len(w.inputs) + len(w.faults)
	w.entries(path, entries)
	if len(w.inputs)+len(w.faults) == before {
		return fmt.Errorf("open log directory: %s holds no files (hidden files and symbolic links are not read)", path)
	}
	return nil
}

// entries adds the files of a directory and of those below it. Symbolic links are not followed, like grep -r, so that a link
// to the newest log does not bring it twice.
func (w *walk) entries(dir string, entries []fs.DirEntry) {
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || e.Type()&fs.ModeSymlink != 0 {
			continue
		}
		if err := w.entry(path, e); err != nil {
			w.faults = append(w.faults, event.Fault{Origin: path, Reason: err.Error()})
		}
	}
}

func (w *walk) entry(path string, e fs.DirEntry) error {
	if e.IsDir() {
		below, err := os.ReadDir(path)
		w.entries(path, below)
		return reason(err)
	}
	if what := special(e.Type()); what != "" {
		return errors.New("left out: it is " + what)
	}
	info, err := e.Info()
	if err == nil {
		w.inputs = append(w.inputs, input{path: path, size: info.Size()})
	}
	return reason(err)
}

// special says what a file is that is neither a directory nor a regular file, and what to do about it.
func special(m fs.FileMode) string {
	switch {
	case m.IsRegular():
		return ""
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe; read it as standard input: parallax replay - < PIPE"
	case m&fs.ModeDevice != 0:
		return "a device, not a log file"
	case m&fs.ModeSocket != 0:
		return "a socket, not a log file"
	}
	return "not a regular file"
}

// reason takes the path off an error that is going to be told with its path.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}
