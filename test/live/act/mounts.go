//go:build linux

package act

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// mountVerbs change what is mounted.
func mountVerbs() map[string]verb {
	return map[string]verb{
		"mount":    mount,
		"umount":   umount,
		"newmount": atLeast(2, newMount),
		"tree":     tree,
		"setattr":  setattr,
		"fspick":   fspick,
		"pivot":    pivot,
		"mkdir": func(args []string) error {
			for _, a := range args {
				if err := os.MkdirAll(a, 0o755); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// mount mounts by mount(2): "mount SOURCE TARGET TYPE FLAGS", and DATA where there is any.
func mount(args []string) error {
	if len(args) == 4 {
		args = append(args[:4:4], "")
	}
	if err := want(args, 5); err != nil {
		return err
	}
	flags, err := number(args[3])
	if err != nil {
		return err
	}
	return unix.Mount(args[0], args[1], args[2], flags, args[4])
}

// umount unmounts by umount2(2): "umount TARGET FLAGS".
func umount(args []string) error {
	if err := want(args, 2); err != nil {
		return err
	}
	flags, err := number(args[1])
	if err != nil {
		return err
	}
	return unix.Unmount(args[0], int(flags))
}

// newMount mounts by the calls that came with Linux 5.2: "newmount TYPE TARGET KEY=VALUE...".
func newMount(args []string) error {
	context, err := unix.Fsopen(args[0], unix.FSOPEN_CLOEXEC)
	if err != nil {
		return err
	}
	for _, option := range args[2:] {
		key, value, _ := strings.Cut(option, "=")
		if err := unix.FsconfigSetString(context, key, value); err != nil {
			return err
		}
	}
	if err := unix.FsconfigCreate(context); err != nil {
		return err
	}
	fd, err := unix.Fsmount(context, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOEXEC)
	if err != nil {
		return err
	}
	return unix.MoveMount(fd, "", unix.AT_FDCWD, args[1], unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// tree mounts a copy of a tree of mounts elsewhere: "tree SOURCE TARGET".
func tree(args []string) error {
	if err := want(args, 2); err != nil {
		return err
	}
	fd, err := unix.OpenTree(unix.AT_FDCWD, args[0], unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return err
	}
	return unix.MoveMount(fd, "", unix.AT_FDCWD, args[1], unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// setattr makes a mount read-only by mount_setattr(2): "setattr TARGET".
func setattr(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	return unix.MountSetattr(unix.AT_FDCWD, args[0], 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// fspick opens what is mounted for a change: "fspick TARGET".
func fspick(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	_, err := unix.Fspick(unix.AT_FDCWD, args[0], unix.FSPICK_CLOEXEC)
	return err
}

// pivot makes a folder the root, and shows the old root below it: "pivot NEW OLD".
func pivot(args []string) error {
	if err := want(args, 2); err != nil {
		return err
	}
	return unix.PivotRoot(args[0], args[1])
}
