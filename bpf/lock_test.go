package bpf

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestLockIsHeldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "sensor.lock")
	first, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = lockFile(path)
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("process %d ", os.Getpid())) {
		t.Errorf("second: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := lockFile(path)
	if err != nil {
		t.Fatalf("after the first let go: %v", err)
	}
	second.Close()
}

func TestLockOfUnknownHolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sensor.lock")
	first, err := lockFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	for _, content := range []string{"", "\x1b[2Jnobody\n", strings.Repeat("9", 1000)} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := lockFile(path)
		if want := "another sensor runs on this node (it holds " + path + "): stop it first"; !errors.Is(err, ErrLocked) || err.Error() != want {
			t.Errorf("%.20q: %v", content, err)
		}
	}
}

func TestLockFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("keep"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sensor.lock")
	if err := os.Symlink(precious, path); err != nil {
		t.Fatal(err)
	}
	if f, err := lockFile(path); err == nil {
		f.Close()
		t.Error("locked through a link")
	}
	if b, _ := os.ReadFile(precious); string(b) != "keep" {
		t.Errorf("wrote %q", b)
	}
}

func TestDying(t *testing.T) {
	child := exec.Command("/proc/self/exe", "-test.run=^$")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	pid := child.Process.Pid
	var info unix.Siginfo
	if err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	f := func(what string, pid int, want bool) {
		t.Helper()
		if got := dying(pid); got != want {
			t.Errorf("%s (%d): dying %v", what, pid, got)
		}
	}
	f("zombie", pid, true)
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	f("gone", pid, true)
	f("this process", os.Getpid(), false)
	f("nobody", 0, false)
}
