package folder

import (
	"fmt"
	"os"
)

// Apply does what is planned. It ends at the first fault; the files before it are written, the others as they were.
func (f *Folder) Apply() error {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return err
	}
	for _, s := range f.steps {
		var err error
		switch s.Action {
		case Make, Replace:
			err = f.write(s)
		case Protect:
			err = os.Chmod(f.Path(s.Name), s.mode)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path(s.Name), err)
		}
	}
	return f.sync()
}

// write puts a file beside the old one and then in its place.
func (f *Folder) write(s Step) error {
	tmp, err := os.CreateTemp(f.path, "."+s.Name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already where all went well
	_, err = tmp.Write(s.data)
	if err == nil {
		err = tmp.Chmod(s.mode)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if closed := tmp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), f.Path(s.Name))
}

// sync makes the new names last.
func (f *Folder) sync() error {
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
