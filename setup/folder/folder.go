package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Modes of files: those that hold a key are their owner's only.
const (
	Public fs.FileMode = 0o644
	Secret fs.FileMode = 0o600
)

// maxFileBytes bounds what is read of a file that is there.
const maxFileBytes = 16 << 20

// Action is what happens to a file.
type Action string

// The actions.
const (
	Keep    Action = "keep"
	Make    Action = "make"
	Replace Action = "replace"
	Protect Action = "protect" // contents stay, others lose the right to read them
)

// Step is what happens to one file.
type Step struct {
	Name   string // in the folder
	Action Action
	Why    string // for people; may be empty

	data []byte
	mode fs.FileMode
}

// Folder is a folder as it is, and the steps that are planned for it.
type Folder struct {
	path  string
	steps []Step
}

// Open plans for the folder at path. It need not be there: Apply makes it.
func Open(path string) (*Folder, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s: is there and not a folder", path)
	}
	return &Folder{path: path}, nil
}

// Path returns where a file of the folder is.
func (f *Folder) Path(name string) string { return filepath.Join(f.path, name) }

// Read returns what a file holds now, nil where there is none.
func (f *Folder) Read(name string) ([]byte, error) {
	file, err := os.Open(f.Path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(data) > maxFileBytes:
		return nil, fmt.Errorf("%s: has more than %d bytes", file.Name(), maxFileBytes)
	case data == nil:
		data = []byte{}
	}
	return data, nil
}

// Write plans that a file holds data, for a reason. A file that holds it already is kept.
func (f *Folder) Write(name string, data []byte, mode fs.FileMode, why string) error {
	old, err := f.Read(name)
	if err != nil {
		return err
	}
	if bytes.Equal(old, data) && old != nil {
		return f.Keep(name, mode, why)
	}
	action := Make
	if old != nil {
		action = Replace
	}
	f.steps = append(f.steps, Step{name, action, why, data, mode})
	return nil
}

// Keep plans that a file stays, but that nobody may do with it what mode does not allow.
func (f *Folder) Keep(name string, mode fs.FileMode, why string) error {
	info, err := os.Stat(f.Path(name))
	if err != nil {
		return err
	}
	step := Step{Name: name, Action: Keep, Why: why, mode: info.Mode().Perm() & mode}
	if info.Mode().Perm()&^mode != 0 && mode == Secret {
		step.Action = Protect
	}
	f.steps = append(f.steps, step)
	return nil
}

// Steps returns what is planned, in the order in which it is done.
func (f *Folder) Steps() []Step { return f.steps }
