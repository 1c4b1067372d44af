package bpf

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// path makes a path of the components that the kernel wrote, leaf first.
func path(components string) string {
	out := ""
	for c := range strings.SplitSeq(strings.TrimSuffix(components, "\x00"), "\x00") {
		out = "/" + c + out
	}
	return out
}

func TestPath(t *testing.T) {
	u := newUnits(t, nil)
	top := t.TempDir()
	f := func(what string, names ...string) {
		t.Helper()
		dir := filepath.Join(append([]string{top}, names...)...)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		t.Chdir(dir)
		got, flags := unitText(u.run("cwd"))
		if path(got) != dir || flags != 0 {
			t.Errorf("%s: %q, flags %#x, want %q", what, path(got), flags, dir)
		}
	}
	f("a folder")
	f("names of any bytes", "\xff\xfe\n", " ", "a\tb")
	f("the longest name", strings.Repeat("n", 255))
	f("40 folders", strings.Split(strings.Repeat("d", 40), "")...)
	t.Chdir("/")
	if got, flags := unitText(u.run("cwd")); got != "" || flags != 0 {
		t.Errorf("the root: %q, flags %#x", got, flags)
	}
	t.Chdir("/proc/self")
	if got, _ := unitText(u.run("cwd")); path(got) != fmt.Sprintf("/proc/%d", os.Getpid()) {
		t.Errorf("over a mount point: %q", path(got))
	}
}

func TestPathIsCut(t *testing.T) {
	u := newUnits(t, nil)
	f := func(what, name string, n int) {
		t.Helper()
		t.Chdir(t.TempDir())
		for range n { // the whole path may be longer than a call takes
			if err := os.Mkdir(name, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := unix.Chdir(name); err != nil {
				t.Fatal(err)
			}
		}
		got, flags := unitText(u.run("cwd"))
		if flags != FlagPathCut || !strings.HasPrefix(got, strings.Repeat(name+"\x00", 3)) || len(got) > 1024 {
			t.Errorf("%s: %d bytes, flags %#x: %q", what, len(got), flags, got)
		}
	}
	f("many folders", "d", 300)
	f("long names", strings.Repeat("n", 250), 20)
}

// A process in a root of its own has its paths from there on, and a folder that is gone has the path it had.
func TestPathEndsAtTheRoot(t *testing.T) {
	u := newUnits(t, nil)
	top := t.TempDir()
	if err := os.MkdirAll(top+"/in/here", 0o700); err != nil {
		t.Fatal(err)
	}
	// The thread gets a root and a current folder of its own, and is not used again: it stays locked.
	done := make(chan error)
	var got string
	go func() {
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_FS)
		for _, step := range []func() error{
			func() error { return unix.Chroot(top) },
			func() error { return unix.Chdir("/in/here") },
			func() error { return unix.Rmdir("/in/here") },
		} {
			if err == nil {
				err = step()
			}
		}
		if err == nil {
			_, err = u.Programs["unit_cwd"].Run(&ebpf.RunOptions{})
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var out unitsUnit
	if err := u.Maps["units"].Lookup(uint32(0), unsafe.Pointer(&out)); err != nil {
		t.Fatal(err)
	}
	if got, _ = unitText(out); path(got) != "/in/here" {
		t.Errorf("%q", path(got))
	}
}

func TestArgv(t *testing.T) {
	got := newUnits(t, nil).run("argv")
	want := strings.Join(os.Args, "\x00") + "\x00"
	if argv, flags := unitText(got); argv != want || flags != 0 || int(got.Rec.ArgvTotal) != len(want) || int(got.Rec.ArgvLen) != len(want) {
		t.Errorf("%q, flags %#x, total %d, want %q", argv, flags, got.Rec.ArgvTotal, want)
	}
}

func TestTextIsCut(t *testing.T) {
	u := newUnits(t, nil)
	f := func(n, want int, wantFlags uint32) {
		t.Helper()
		text := append(bytes.Repeat([]byte("x"), n), 0)
		got, flags := unitText(u.run("text", uint64(uintptr(unsafe.Pointer(&text[0])))))
		runtime.KeepAlive(text)
		if got != strings.Repeat("x", want) || flags != wantFlags {
			t.Errorf("%d bytes: %d, flags %#x, want %d, %#x", n, len(got), flags, want, wantFlags)
		}
	}
	f(0, 0, 0)
	f(1022, 1022, 0)
	f(1023, 1023, 0)
	f(1024, 1023, FlagPathCut)
	f(2000, 1023, FlagPathCut)
}
