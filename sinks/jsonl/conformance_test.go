package jsonl

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

// rig is a file in a folder.
type rig struct{ path string }

func (r rig) rig() *sinktest.Rig {
	return &sinktest.Rig{Open: r.open, Got: r.got, Dedupes: true, Down: r.moveAway}
}

func (r rig) open(t *testing.T) sinks.Sink {
	t.Helper()
	return openTest(t, r.path, func(c *Config) { c.RotateBytes = 20_000 })
}

// got reads all files.
func (r rig) got(t *testing.T) []string {
	t.Helper()
	paths, err := finished(r.path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range append(paths, r.path) {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range idsIn(t, b) {
			if filepath.Ext(id) == "" {
				id += ".0"
			}
			out = append(out, id)
		}
	}
	return out
}

// moveAway puts a folder in the place of the file.
func (r rig) moveAway() (mend func()) {
	_ = os.Rename(r.path, r.path+".away")
	if err := os.Mkdir(r.path, 0o700); err != nil {
		panic(err)
	}
	return func() {
		if err := os.Remove(r.path); err != nil {
			panic(err)
		}
		_ = os.Rename(r.path+".away", r.path)
	}
}

func TestConformance(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) *sinktest.Rig { return rig{inTemp(t)}.rig() })
}

// small mounts a file system of 1 MiB.
func small(t *testing.T) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root mounts a small file system")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("no file system can be mounted here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill leaves n bytes of a file system free.
func fill(dir string, free int64) (mend func()) {
	path := filepath.Join(dir, "filler")
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, make([]byte, int64(s.Bavail)*s.Bsize-free), 0o600); err != nil {
		panic(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			panic(err)
		}
	}
}

// A full disk: nothing is lost, doubled or left half, however the room comes back.
func TestConformanceFullDisk(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) *sinktest.Rig {
		dir := small(t)
		r := rig{filepath.Join(dir, "alerts.jsonl")}.rig()
		r.Down = func() func() { return fill(dir, 0) }
		r.Flaky = func() func() { return fill(dir, 4096) }
		return r
	})
}
