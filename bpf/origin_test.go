package bpf

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Only the layers of the root's own overlay tell what came with the image. busybox stands for a program that needs no library.
func TestOriginOfExecutables(t *testing.T) {
	needsRoot(t)
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("needs busybox")
	}
	root := newOverlay(t, busybox)
	copyProgram(t, busybox, root+"/new")
	cfg := testConfig(t)
	cfg.Host = true
	s := mustLoad(t, cfg)
	f := func(path, chroot string, want sensorExeOrigin) {
		t.Helper()
		cmd := &exec.Cmd{Path: path, Args: []string{"true"}, Dir: "/", SysProcAttr: &syscall.SysProcAttr{Chroot: chroot}}
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		if got := originOf(t, s, uint32(cmd.Process.Pid)); got != uint32(want) {
			t.Errorf("%s in the root %q: origin %d, want %d", path, chroot, got, want)
		}
	}
	f("/old", root, sensorExeOriginEXE_LOWER)
	f("/new", root, sensorExeOriginEXE_UPPER)
	f(root+"/old", "", sensorExeOriginEXE_VOLUME)
	f(root+"/new", "", sensorExeOriginEXE_VOLUME)
}

// originOf returns where the program of a process that has ended came from.
func originOf(t testing.TB, s *Sensor, pid uint32) (origin uint32) {
	t.Helper()
	for seen := false; !seen; {
		_, err := s.Read(t.Context(), never, func(b []byte) {
			h, err := ParseHead(b)
			if err != nil || h.Pid != pid {
				return
			}
			if Kind(h.Kind) == KindExec {
				e, _, err := ParseExec(b)
				if err != nil {
					t.Error(err)
					return
				}
				origin = e.ExeOrigin
			}
			seen = seen || Kind(h.Kind) == KindExit
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return origin
}

// newOverlay mounts an overlay whose lower layer has a program, as old, and returns where.
func newOverlay(t testing.TB, program string) string {
	t.Helper()
	dir := t.TempDir()
	mount := func(source, target, fstype, data string) {
		t.Helper()
		if err := unix.Mount(source, target, fstype, 0, data); err != nil {
			t.Skipf("mount %s: %v", fstype, err)
		}
		t.Cleanup(func() {
			if err := unix.Unmount(target, unix.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
	}
	mount("tmpfs", dir, "tmpfs", "") // not every file system can be an upper layer
	for _, name := range []string{"lower", "upper", "work", "merged"} {
		if err := os.Mkdir(dir+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	copyProgram(t, program, dir+"/lower/old")
	mount("overlay", dir+"/merged", "overlay", fmt.Sprintf("lowerdir=%[1]s/lower,upperdir=%[1]s/upper,workdir=%[1]s/work", dir))
	return dir + "/merged"
}

func copyProgram(t testing.TB, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o755); err != nil {
		t.Fatal(err)
	}
}
