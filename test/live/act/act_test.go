//go:build linux

package act

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestSplit(t *testing.T) {
	f := func(line, want string) {
		t.Helper()
		var got []string
		for step := range split(strings.Fields(line)) {
			got = append(got, strings.Join(step, " "))
		}
		if diff := cmp.Diff(want, strings.Join(got, "|")); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
	f("", "")
	f("setuid 1", "setuid 1")
	f("setuid 1 -- setgid 2", "setuid 1|setgid 2")
	f("setuid 1 -- exec sh -- -c x", "setuid 1|exec sh -- -c x")
	f("nest deep 3 a -- b", "nest deep 3 a -- b")
	f("-- a", "|a")
}

func TestMainTellsHowItEnded(t *testing.T) {
	dir := t.TempDir()
	f := func(want int, wantOut, line string) {
		t.Helper()
		var out strings.Builder
		got := Main(strings.Fields(line), &out)
		if got != want || !strings.HasPrefix(out.String(), wantOut) {
			t.Errorf("%q: got %d and %q, want %d and %q", line, got, out.String(), want, wantOut)
		}
	}
	f(0, "", "")
	f(0, "", "mkdir "+dir+"/a/b -- mkdir "+dir+"/c")
	f(int(unix.ENOENT), "exec: ", "exec "+dir+"/none")
	f(int(unix.ENOENT), "umount: ", "umount "+dir+"/none 0 -- mkdir "+dir+"/never")
	f(0, "umount: ", "try umount "+dir+"/none 0 -- mkdir "+dir+"/after")
	f(125, "dance: no such verb", "dance")
	f(125, "setuid: got 2 arguments, want 1", "setuid 1 2")
	f(125, "exec: got 0 arguments, want 1 or more", "exec")
	f(125, "setuid: strconv", "setuid x")
	f(125, `unshare: no kind of namespace is called "x"`, "unshare mnt,x")
	for name, want := range map[string]bool{"a/b": true, "c": true, "never": false, "after": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s is there: %t, want %t", name, err == nil, want)
		}
	}
}

func TestRunTellsTheStatusOfTheProgram(t *testing.T) {
	if err := run([]string{"/bin/sh", "-c", "exit 22"}); !errors.Is(err, unix.EINVAL) {
		t.Errorf("got %v, want the error of that number", err)
	}
	if err := many([]string{"2", "/bin/true"}); err != nil {
		t.Error(err)
	}
}

func TestCopyIsAProgram(t *testing.T) {
	to := filepath.Join(t.TempDir(), "copy")
	if err := copyVerb([]string{"/bin/true", to}); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{to}); err != nil {
		t.Error(err)
	}
}
