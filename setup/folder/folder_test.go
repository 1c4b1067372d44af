package folder

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t *testing.T, path string) *Folder {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// actions tells what is planned in short.
func (f *Folder) actions() []string {
	var out []string
	for _, s := range f.Steps() {
		out = append(out, string(s.Action)+" "+s.Name)
	}
	return out
}

func holds(t *testing.T, path, want string, mode fs.FileMode) {
	t.Helper()
	data, err := os.ReadFile(path)
	check(t, err)
	info, err := os.Stat(path)
	check(t, err)
	if string(data) != want || info.Mode().Perm() != mode {
		t.Errorf("%s holds %q, mode %o; want %q, %o", path, data, info.Mode().Perm(), want, mode)
	}
}

func TestPlanAndApply(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "folder")
	f := open(t, dir)
	check(t, f.Write("key", []byte("k1"), Secret, ""))
	check(t, f.Write("cert", []byte("c1"), Public, ""))
	if _, err := os.Stat(dir); err == nil {
		t.Error("planning made the folder")
	}
	check(t, f.Apply())
	holds(t, f.Path("key"), "k1", Secret)
	holds(t, f.Path("cert"), "c1", Public)

	f = open(t, dir)
	check(t, f.Write("key", []byte("k1"), Secret, ""))
	check(t, f.Write("cert", []byte("c2"), Public, ""))
	check(t, f.Write("new", nil, Public, ""))
	if diff := cmp.Diff([]string{"keep key", "replace cert", "make new"}, f.actions()); diff != "" {
		t.Error(diff)
	}
	holds(t, f.Path("cert"), "c1", Public)
	check(t, f.Apply())
	holds(t, f.Path("cert"), "c2", Public)
	holds(t, f.Path("new"), "", Public)

	names, err := os.ReadDir(dir)
	check(t, err)
	if len(names) != 3 {
		t.Errorf("something was left behind: %v", names)
	}
}

// A key that others can read is closed to them, whether it is kept or replaced.
func TestKeysAreProtected(t *testing.T) {
	f := open(t, t.TempDir())
	for _, name := range []string{"kept", "replaced"} {
		check(t, os.WriteFile(f.Path(name), []byte("k"), 0o644))
		check(t, os.Chmod(f.Path(name), 0o644))
	}
	check(t, f.Keep("kept", Secret, ""))
	check(t, f.Write("replaced", []byte("k2"), Secret, ""))
	if got := f.actions(); !slices.Equal(got, []string{"protect kept", "replace replaced"}) {
		t.Errorf("%q", got)
	}
	check(t, f.Apply())
	holds(t, f.Path("kept"), "k", Secret)
	holds(t, f.Path("replaced"), "k2", Secret)
}

func TestStricterModesStay(t *testing.T) {
	f := open(t, t.TempDir())
	check(t, os.WriteFile(f.Path("key"), nil, 0o400))
	check(t, os.WriteFile(f.Path("cert"), nil, 0o600))
	check(t, f.Keep("key", Secret, ""))
	check(t, f.Keep("cert", Public, ""))
	check(t, f.Apply())
	holds(t, f.Path("key"), "", 0o400)
	holds(t, f.Path("cert"), "", 0o600)
}

// A link in the folder is replaced by a file; what it points to stays.
func TestWriteDoesNotFollowLinks(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other")
	check(t, os.WriteFile(other, []byte("not ours"), 0o600))
	f := open(t, t.TempDir())
	check(t, os.Symlink(other, f.Path("cert")))
	check(t, f.Write("cert", []byte("c"), Public, ""))
	check(t, f.Apply())
	holds(t, other, "not ours", 0o600)
	holds(t, f.Path("cert"), "c", Public)
}

func TestFaults(t *testing.T) {
	f := func(name string, err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "file"), make([]byte, maxFileBytes+1), 0o600))
	check(t, os.Mkdir(filepath.Join(dir, "cert"), 0o700))
	_, err := Open(filepath.Join(dir, "file"))
	f("a file for a folder", err, "not a folder")
	_, err = open(t, dir).Read("file")
	f("a file too large", err, "more than")
	f("a folder for a file", open(t, dir).Write("cert", nil, Public, ""), "directory")
	f("keep what is not there", open(t, dir).Keep("none", Public, ""), "no such file")

	p := open(t, filepath.Join(dir, "made", "later"))
	check(t, p.Write("cert", nil, Public, ""))
	check(t, os.WriteFile(filepath.Join(dir, "made"), nil, 0o600))
	f("a file where a folder is to be", p.Apply(), "not a directory")

	// What cannot be written changes nothing, and leaves nothing behind.
	p = open(t, filepath.Join(dir, "full"))
	check(t, p.Write("first", []byte("new"), Public, ""))
	check(t, p.Write("no/such/folder", nil, Public, ""))
	f("a file that cannot be written", p.Apply(), "no/such/folder")
	if names, err := os.ReadDir(filepath.Join(dir, "full")); err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}
