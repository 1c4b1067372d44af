//go:build live

package live

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/test/live/box"
)

// testMemory: a program that is in memory only.
func testMemory(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "memfd", "/bin/busybox", "true")
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/busybox true", "parallax.exe.origin": "memfd"})
}

// testDeleted: a program whose file has been removed.
func testDeleted(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "copy", "/bin/busybox", "/tmp/busybox", "--", "deleted", "/tmp/busybox", "true")
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/tmp/busybox true", "parallax.exe.deleted": "true"})
}

// testLayers: what came with the image and what was written in the container are told apart.
func testLayers(t *testing.T, s *station) {
	merged := s.overlay(t)
	v := s.view(t, s.start(t, func(c *box.Config) { c.Root = merged }))
	v.run(t, "/bin/true", "of the image")
	v.want(t, map[string]string{"process.args": "/bin/true of the image", "parallax.exe.origin": "lower"})
	v.run(t, box.Act, "copy", "/bin/busybox", "/tmp/true", "--", "exec", "/tmp/true", "written")
	v.want(t, map[string]string{"process.args": "/tmp/true written", "process.executable": "/tmp/true", "parallax.exe.origin": "upper"})
}

// overlay mounts a root file system of two layers, the lower being the lab's, and returns its folder.
func (l *lab) overlay(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	folders := map[string]string{}
	for _, name := range []string{"upper", "work", "merged"} {
		folders[name] = filepath.Join(dir, name)
		if err := os.Mkdir(folders[name], 0o755); err != nil {
			t.Fatal(err)
		}
	}
	options := "lowerdir=" + l.root + ",upperdir=" + folders["upper"] + ",workdir=" + folders["work"]
	if err := unix.Mount("overlay", folders["merged"], "overlay", 0, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folders["merged"], unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folders["merged"]
}

// testVolume: a program on a volume, and one in shared memory.
func testVolume(t *testing.T, s *station) {
	folder := t.TempDir()
	v := s.view(t, s.start(t, func(c *box.Config) { c.Volumes = map[string]string{"/volume": folder} }))
	for _, place := range []string{"/volume/true", "/dev/shm/true"} {
		v.run(t, box.Act, "copy", "/bin/busybox", place, "--", "exec", place)
		v.want(t, map[string]string{"event.action": "exec", "process.args": place, "process.executable": place, "parallax.exe.origin": "volume"})
	}
}
