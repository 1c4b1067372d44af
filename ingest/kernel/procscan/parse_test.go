package procscan

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestParseStatRefuses(t *testing.T) {
	f := func(in string) {
		t.Helper()
		if s, ok := parseStat([]byte(in)); ok {
			t.Errorf("%q gave %+v", in, s)
		}
	}
	f("")
	f("1 (a")
	f("1 )a( S 1 1 1 0 1 64 0 0 0 0 1 1 0 0 20 0 1 0 5 0 0")
	f("1 (a) S 1 1 1")
	f("1 (a) S x 1 1 0 1 64 0 0 0 0 1 1 0 0 20 0 1 0 5 0 0")
	f("1 (a) SS 1 1 1 0 1 64 0 0 0 0 1 1 0 0 20 0 1 0 5 0 0")
}

func TestParseStatOfTheDead(t *testing.T) {
	f := func(state, threads string, want bool) {
		t.Helper()
		s, ok := parseStat([]byte("1 (a) " + state + " 1 1 1 0 -1 64 0 0 0 0 1 1 0 0 20 0 " + threads + " 0 5 0 0"))
		if !ok || s.dead() != want {
			t.Errorf("%s with %s threads: %+v, %v", state, threads, s, ok)
		}
	}
	f("S", "1", false)
	f("Z", "1", true)
	f("Z", "0", true)
	f("Z", "2", false) // the first thread ended, another runs
	f("X", "1", true)
}

func TestParseCgroup(t *testing.T) {
	f := func(in, v2, memory string) {
		t.Helper()
		if a, b := parseCgroup([]byte(in)); a != v2 || b != memory {
			t.Errorf("%q gave %q and %q", in, a, b)
		}
	}
	f("0::/a/b\n", "/a/b", "")
	f("9:name=systemd:/x\n4:memory:/m\n0::/\n", "/", "/m")
	f("4:cpu,memory,x:/m:n\n0::/a:b", "/a:b", "/m:n")
	f("4:memoryless:/m\n1:x:/y\n", "", "")
	f("4:memory:/../m\n0::/../../x\n", "/../../x", "")
	f("0::/x (deleted)\n", "", "")
	f("0:\n\n:::\nx", "", "")
}

func TestAbsolute(t *testing.T) {
	f := func(path, root, want string) {
		t.Helper()
		if got := absolute(path, root); got != want {
			t.Errorf("%q in %q gave %q, want %q", path, root, got, want)
		}
	}
	f("/a", "/", "/a")
	f("/", "/pods/a/b", "/pods/a/b")
	f("/in", "/pods/a/b", "/pods/a/b/in")
	f("/../../c/d", "/pods/a/b", "/pods/c/d")
	f("/../../..", "/pods/a/b", "/")
	f("/a", "", "/a")
	f("/../a", "", "")
	f("", "/pods", "")
}

func TestTTYNumber(t *testing.T) {
	f := func(dev, want uint32) {
		t.Helper()
		if got := ttyNumber(dev); got != want {
			t.Errorf("%#x gave %#x, want %#x", dev, got, want)
		}
	}
	f(0, 0)
	f(0x8803, 136<<20|3)
	f(0x108801, 136<<20|0x101)
}

func TestInnermost(t *testing.T) {
	if got := innermost([]string{"5", "7"}, 9); got != 7 {
		t.Error(got)
	}
	if got := innermost(nil, 9); got != 9 {
		t.Error(got)
	}
}

// A process whose arguments cannot be read does not hold up the scan.
func TestStuck(t *testing.T) {
	proc := t.TempDir()
	fifo := filepath.Join(proc, "5", "cmdline")
	if err := os.MkdirAll(filepath.Join(proc, "6"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Dir(fifo), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(proc, "6", "cmdline"), []byte("ls\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := newSlowReader(proc)
	r.patience = time.Millisecond
	if got := r.read("5"); got.argv != nil || r.stuck != 1 {
		t.Errorf("%q, %d stuck", got.argv, r.stuck)
	}
	r.patience = time.Minute
	if got := r.read("6"); string(got.argv) != "ls\x00" {
		t.Errorf("%q", got.argv)
	}
	r.stuck = maxStuck
	if got := r.read("6"); got.argv != nil {
		t.Errorf("%q after too many were stuck", got.argv)
	}
	r.close()
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // lets the one that is stuck end
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
}
