//go:build linux

package act

import (
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// idVerbs change the user, the groups and the capabilities.
func idVerbs() map[string]verb {
	out := map[string]verb{
		"setgroups": setgroups,
		"dropcap":   dropCap,
		"nonewprivs": func([]string) error {
			return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		},
		"ids": func([]string) error {
			_, err := fmt.Printf("uid=%d euid=%d gid=%d egid=%d\n", unix.Getuid(), unix.Geteuid(), unix.Getgid(), unix.Getegid())
			return err
		},
	}
	for name, c := range map[string]struct {
		trap uintptr
		args int
	}{
		"setuid": {unix.SYS_SETUID, 1}, "setreuid": {unix.SYS_SETREUID, 2}, "setresuid": {unix.SYS_SETRESUID, 3}, "setfsuid": {unix.SYS_SETFSUID, 1},
		"setgid": {unix.SYS_SETGID, 1}, "setregid": {unix.SYS_SETREGID, 2}, "setresgid": {unix.SYS_SETRESGID, 3}, "setfsgid": {unix.SYS_SETFSGID, 1},
	} {
		out[name] = func(args []string) error {
			if err := want(args, c.args); err != nil {
				return err
			}
			n, err := numbers(args)
			if err != nil {
				return err
			}
			if c.trap == unix.SYS_SETFSUID || c.trap == unix.SYS_SETFSGID {
				unix.RawSyscall(c.trap, n[0], 0, 0) // it returns the id before, never an error
				return nil
			}
			return call(c.trap, n...)
		}
	}
	return out
}

// setgroups sets the supplementary groups: "setgroups 5 6".
func setgroups(args []string) error {
	groups := make([]uint32, len(args))
	for i, a := range args {
		n, err := strconv.ParseUint(a, 10, 32)
		if err != nil {
			return err
		}
		groups[i] = uint32(n)
	}
	return call(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(unsafe.SliceData(groups))))
}

// dropCap takes one capability, by its number, out of the effective and permitted ones, by capset: "dropcap 13".
func dropCap(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	n, err := strconv.ParseUint(args[0], 10, 6)
	if err != nil {
		return err
	}
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&head, &data[0]); err != nil {
		return err
	}
	data[n/32].Effective &^= 1 << (n % 32)
	data[n/32].Permitted &^= 1 << (n % 32)
	return unix.Capset(&head, &data[0])
}
