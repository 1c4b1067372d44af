package tail

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// state is what the state file holds.
type state struct {
	Version int        `json:"version"`
	Logs    []logState `json:"logs"`
}

// logState is how far a log was read.
type logState struct {
	Path  string `json:"path"`
	Files []mark `json:"files"` // the oldest first
}

const (
	stateVersion  = 1
	maxStateBytes = 64 << 20
)

// loadState reads the state file; known is false where there is none.
func loadState(path string) (s state, known bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, false, nil
	}
	if err == nil && info.Size() > maxStateBytes {
		err = fmt.Errorf("%s has %d bytes", path, info.Size())
	}
	if err != nil {
		return state{}, false, fmt.Errorf("read state: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return state{}, false, fmt.Errorf("read state: %w", err)
	}
	if err := json.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return state{}, false, fmt.Errorf("%w: %s", errBadState, path)
	}
	return s, true, nil
}

// errBadState says that a state file is none of this version.
var errBadState = errors.New("state file cannot be understood")

// save replaces the state file and syncs it to disk, so that what is there is one state or the next and never half of one.
func (s state) save(path string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temp := path + ".new"
	if err := writeSynced(temp, append(data, '\n')); err != nil {
		return fmt.Errorf("save state: %w", errors.Join(err, os.Remove(temp)))
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("save state: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// maxUnclaimed is how many logs that are not there any more the state file remembers.
const maxUnclaimed = 1000

// state is how far all logs were read, as far as that is stored.
func (t *Tail) state() state {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dirty = false
	s := state{Version: stateVersion}
	for path, f := range t.logs {
		s.Logs = append(s.Logs, logState{path, f.view.files})
	}
	for path, marks := range t.before {
		if len(s.Logs) < len(t.logs)+maxUnclaimed {
			s.Logs = append(s.Logs, logState{path, marks})
		}
	}
	slices.SortFunc(s.Logs, func(a, b logState) int { return strings.Compare(a.Path, b.Path) })
	return s
}

// save writes the state file. Where that fails, as on a full disk, following goes on and it is tried again: what is lost by it
// is only that more is read again after a crash.
func (t *Tail) save() {
	if t.cfg.StateFile == "" {
		return
	}
	err := t.state().save(t.cfg.StateFile)
	if err == nil {
		t.saveFailed = false
		return
	}
	t.counts.saveErrors.Add(1)
	t.mu.Lock()
	t.dirty = true
	t.mu.Unlock()
	if !t.saveFailed {
		t.saveFailed = true
		t.fault(event.Fault{Origin: t.cfg.StateFile, Reason: err.Error()})
	}
}

func (t *Tail) saveIfDirty() {
	t.mu.Lock()
	dirty := t.dirty
	t.mu.Unlock()
	if dirty {
		t.save()
	}
}
