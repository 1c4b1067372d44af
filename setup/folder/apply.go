package folder

import (
	"errors"
	"fmt"
	"os"
)

// Apply does what is planned. All new files are written beside the old ones first, so that a full disk changes nothing; then each
// takes its place at once. Certificates and keys that belong together change within moments of one another.
func (f *Folder) Apply() error {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return err
	}
	staged, err := f.stage()
	if err == nil {
		err = f.place(staged)
	}
	for _, name := range staged { // those that did not take their place
		if removed := os.Remove(name); removed != nil && !errors.Is(removed, os.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}

// stage writes the new files beside the old ones, and returns their names there by their steps.
func (f *Folder) stage() (map[int]string, error) {
	staged := map[int]string{}
	for i, s := range f.steps {
		if s.Action != Make && s.Action != Replace {
			continue
		}
		tmp, err := os.CreateTemp(f.path, "."+s.Name+".*")
		if err == nil {
			staged[i] = tmp.Name()
			err = errors.Join(fill(tmp, s), tmp.Close())
		}
		if err != nil {
			return staged, fmt.Errorf("write %s: %w", f.Path(s.Name), err)
		}
	}
	return staged, nil
}

// fill writes a file so that it lasts.
func fill(file *os.File, s Step) error {
	if _, err := file.Write(s.data); err != nil {
		return err
	}
	if err := file.Chmod(s.mode); err != nil {
		return err
	}
	return file.Sync()
}

// place puts the new files in the places of the old ones, and makes that last.
func (f *Folder) place(staged map[int]string) error {
	for i, s := range f.steps {
		var err error
		switch s.Action {
		case Make, Replace:
			err = os.Rename(staged[i], f.Path(s.Name))
		case Protect:
			err = os.Chmod(f.Path(s.Name), s.mode)
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", f.Path(s.Name), err)
		}
	}
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
