package sensor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// State is the file in which sessions survive a restart of the sensor. It is to be where it ends with the boot, since processes do, too.
type State struct{ Path string }

// Load reads the sessions that were kept in this boot. A file that is not there is none.
func (s State) Load(bootID string) (*kernel.Sessions, error) {
	file, err := os.OpenFile(s.Path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, os.ErrNotExist) {
		return new(kernel.Sessions), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	defer file.Close()
	if err := trusted(file); err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	b, err := io.ReadAll(io.LimitReader(file, kernel.MaxSessionsBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return kernel.ParseSessions(b, bootID)
}

// trusted refuses a file that somebody else may have written.
func trusted(file *os.File) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG || int(st.Uid) != os.Geteuid() || st.Mode&0o022 != 0 {
		return fmt.Errorf("%s: not a file that only its owner, who runs this program, can write", file.Name())
	}
	return nil
}

// Save replaces what was kept: whoever reads gets all of the old or all of the new. One goroutine of one sensor may save at a time.
func (s State) Save(sessions *kernel.Sessions) error {
	b, err := json.Marshal(sessions)
	if err == nil && len(b) > kernel.MaxSessionsBytes {
		err = fmt.Errorf("%d bytes, at most %d", len(b), kernel.MaxSessionsBytes)
	}
	if err == nil {
		err = s.replace(b)
	}
	if err != nil {
		return fmt.Errorf("keep sessions: %w", err)
	}
	return nil
}

func (s State) replace(b []byte) error {
	if err := os.MkdirAll(filepath.Dir(s.Path), 0o700); err != nil {
		return err
	}
	part := s.Path + ".part" // always the same, so that sensors that are killed leave one behind at most
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), s.Path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
