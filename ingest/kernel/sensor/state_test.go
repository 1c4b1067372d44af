package sensor

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

func someSessions() *kernel.Sessions {
	leader := kernel.Key{PID: 7, StartNs: 1234567}
	return &kernel.Sessions{Version: 1, BootID: "boot", Sessions: []kernel.SavedSession{{
		Session: kernel.Session{Leader: leader, Entry: kernel.EntryExec, Args: []string{"sh"}}, Members: []kernel.Key{leader},
	}}}
}

func TestStateIsKept(t *testing.T) {
	s := State{filepath.Join(t.TempDir(), "run", "sessions.json")}
	none, err := s.Load("boot")
	if err != nil || len(none.Sessions) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
	for range 2 {
		if err := os.WriteFile(s.Path+".part", []byte("of a sensor that was killed"), 0o600); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if err := s.Save(someSessions()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Load("boot")
	if err != nil || len(got.Sessions) != 1 || cmp.Diff(got.Sessions[0].Members, someSessions().Sessions[0].Members) != "" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.Load("another boot"); err != nil || len(got.Sessions) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	left, err := os.ReadDir(filepath.Dir(s.Path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v, %v", left, err)
	}
}

func TestStateThatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	good := State{filepath.Join(dir, "good")}
	if err := good.Save(someSessions()); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(good.Path, link); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(dir, "open")
	if err := os.WriteFile(open, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o666); err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(dir, "torn")
	if err := os.WriteFile(torn, []byte(`{"version":1,`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, open, torn, dir} {
		if got, err := (State{path}).Load("boot"); err == nil {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestStateThatCannotBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := State{filepath.Join(file, "sessions.json")}.Save(someSessions())
	if err == nil || !strings.Contains(err.Error(), "keep sessions: ") {
		t.Errorf("%v", err)
	}
}
