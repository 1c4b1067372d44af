//go:build linux

package box

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The programs of a root file system made by MakeRoot, besides busybox with its applets.
const (
	Act     = "/bin/act"      // the test's own program
	ActSUID = "/bin/act-suid" // the same with the set-user-id bit
	ActCap  = "/bin/act-cap"  // the same with a capability of the file, CAP_NET_BIND_SERVICE
)

// Tester is a user of the root file system who is not root.
const Tester = 1000

// MakeRoot makes a container's root file system in dir, of a static busybox and this program.
func MakeRoot(dir, busybox string) error {
	for _, d := range []string{"bin", "etc", "proc", "sys", "dev", "root", "mnt", "volume"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
	}
	tmp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o777|os.ModeSticky); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return addBusybox(dir, busybox) },
		func() error { return addAct(dir) },
		func() error { return addUsers(dir) },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("make root file system: %w", err)
		}
	}
	return nil
}

func addBusybox(dir, busybox string) error {
	if err := copyFile(filepath.Join(dir, "bin/busybox"), busybox, 0o755); err != nil {
		return err
	}
	applets, err := exec.Command(busybox, "--list").Output()
	if err != nil {
		return fmt.Errorf("list applets: %w", err)
	}
	for _, a := range strings.Fields(string(applets)) {
		if a == "busybox" {
			continue
		}
		if err := os.Symlink("busybox", filepath.Join(dir, "bin", a)); err != nil {
			return err
		}
	}
	return nil
}

func addAct(dir string) error {
	for name, mode := range map[string]os.FileMode{Act: 0o755, ActSUID: 0o755 | os.ModeSetuid, ActCap: 0o755} {
		if err := copyFile(filepath.Join(dir, name), "/proc/self/exe", mode); err != nil {
			return err
		}
	}
	return unix.Setxattr(filepath.Join(dir, ActCap), "security.capability", fileCapability(unix.CAP_NET_BIND_SERVICE), 0)
}

// fileCapability returns a file's extended attribute that gives one capability, permitted and effective (struct vfs_cap_data,
// version 2).
func fileCapability(capability uint) []byte {
	const version2, effective = 0x02000000, 1
	words := [5]uint32{0: version2 | effective}
	words[1+2*(capability/32)] = 1 << (capability % 32)
	var b []byte
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

func addUsers(dir string) error {
	for name, text := range map[string]string{
		"etc/passwd": fmt.Sprintf("root:x:0:0:root:/root:/bin/sh\ntester:x:%d:%[1]d:tester:/tmp:/bin/sh\n", Tester),
		"etc/group":  fmt.Sprintf("root:x:0:\ntester:x:%d:\n", Tester),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string, mode os.FileMode) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		return err
	}
	return os.Chmod(to, mode) // the mode of WriteFile is cut by the umask and by Go
}
