package bpf

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// oldest is the oldest kernel that will do: it brought rings (BPF_MAP_TYPE_RINGBUF) and CAP_BPF.
func oldest() version { return version{5, 8} }

// kernelBTF is where the kernel describes its own types.
const kernelBTF = "/sys/kernel/btf/vmlinux"

// require returns what the sensor lacks to run on the kernel of this release.
func require(release string) error {
	if err := requireKernel(release); err != nil {
		return err
	}
	if err := requireBTF(kernelBTF); err != nil {
		return err
	}
	caps, err := effectiveCapabilities()
	if err != nil {
		return err
	}
	return requirePermission(caps, inUserNamespace())
}

// KernelRelease returns the name of the running kernel, as uname -r prints it.
func KernelRelease() (string, error) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return "", fmt.Errorf("read the kernel's release: %w", err)
	}
	return unix.ByteSliceToString(u.Release[:]), nil
}

func requireKernel(release string) error {
	if !atLeast(release, oldest()) {
		return lacks(ErrUnsupported, "kernel %s is too old: the sensor needs Linux %s or newer", release, oldest())
	}
	return nil
}

func requireBTF(path string) error {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return lacks(ErrNoBTF, "%s is not there: the sensor needs a kernel built with CONFIG_DEBUG_INFO_BTF=y, and /sys mounted", path)
	case err != nil:
		return lacks(ErrNoBTF, "cannot read the kernel's BTF, which the sensor needs: %v", err)
	}
	return nil
}

// requirePermission wants the capabilities that the programs need, in the initial user namespace.
func requirePermission(caps uint64, userNamespace bool) error {
	has := func(c uint) bool { return caps&(1<<c) != 0 }
	switch {
	case userNamespace:
		return lacks(ErrNotPermitted, "eBPF programs cannot be loaded from within a user namespace: run the sensor as root of the host (in a container: privileged, without user namespace)")
	case !has(unix.CAP_SYS_ADMIN) && !(has(unix.CAP_BPF) && has(unix.CAP_PERFMON)):
		return lacks(ErrNotPermitted, "the sensor needs root, or the capabilities CAP_BPF and CAP_PERFMON: run it with sudo (in a container: privileged)")
	}
	return nil
}

// effectiveCapabilities returns the bits of CapEff (capabilities(7)) of this process.
func effectiveCapabilities() (uint64, error) {
	var data [2]unix.CapUserData
	if err := unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &data[0]); err != nil {
		return 0, lacks(ErrNotPermitted, "cannot read the capabilities of this process: %v", err)
	}
	return uint64(data[1].Effective)<<32 | uint64(data[0].Effective), nil
}

// inUserNamespace tells whether ids are mapped here, which they are not in the initial user namespace (user_namespaces(7)).
func inUserNamespace() bool {
	b, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false // without /proc nobody can tell; loading will
	}
	return strings.Join(strings.Fields(string(bytes.TrimSpace(b))), " ") != "0 0 4294967295"
}
