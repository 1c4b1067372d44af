package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// files reads the machine's files, below a root that tests choose.
type files struct{ root string }

func (f files) path(name string) string { return filepath.Join(f.root, name) }

func (f files) exists(name string) bool {
	_, err := os.Stat(f.path(name))
	return err == nil
}

// text returns what stands in a small file; where it cannot be read, why, in parentheses.
func (f files) text(name string) string {
	b, err := os.ReadFile(f.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "(not known: " + name + " is not there)"
	case errors.Is(err, fs.ErrPermission):
		return "(not known: reading " + name + " needs root)"
	case err != nil:
		return "(not known: " + err.Error() + ")"
	}
	return strings.TrimSpace(string(b))
}

// inspectKernel tells what the files in /proc and /sys say.
func inspectKernel(f files) Kernel {
	mounts := f.text("/proc/self/mounts")
	return Kernel{
		Release:    f.text("/proc/sys/kernel/osrelease"),
		Machine:    runtime.GOARCH,
		BTF:        f.exists("/sys/kernel/btf/vmlinux"),
		Privileges: privileges(f.text("/proc/self/status")),
		Lockdown:   chosen(f.text("/sys/kernel/security/lockdown")),
		LSM:        f.text("/sys/kernel/security/lsm"),
		Cgroups:    cgroups(mounts),
		TraceFS:    traceFS(mounts),
		Compat:     compatCalls(f),
	}
}

// chosen picks the word in brackets, as in "none [integrity] confidentiality" (kernel_lockdown(7)).
func chosen(text string) string {
	_, rest, open := strings.Cut(text, "[")
	word, _, closed := strings.Cut(rest, "]")
	if !open || !closed {
		return text
	}
	return word
}

// Numbers of capabilities (include/uapi/linux/capability.h).
const (
	capSysAdmin = 21
	capPerfmon  = 38
	capBPF      = 39
)

// privileges reads effective user id and capabilities out of /proc/self/status (proc(5): Uid is real, effective, saved, file system).
func privileges(status string) string {
	var uid string
	var caps uint64
	for line := range strings.Lines(status) {
		switch f := strings.Fields(line); {
		case len(f) > 2 && f[0] == "Uid:":
			uid = f[2]
		case len(f) > 1 && f[0] == "CapEff:":
			caps, _ = strconv.ParseUint(f[1], 16, 64)
		}
	}
	var has []string
	for _, c := range []struct {
		number int
		name   string
	}{{capSysAdmin, "CAP_SYS_ADMIN"}, {capBPF, "CAP_BPF"}, {capPerfmon, "CAP_PERFMON"}} {
		if caps&(1<<c.number) != 0 {
			has = append(has, c.name)
		}
	}
	switch {
	case uid == "":
		return "(not known: /proc/self/status does not tell)"
	case len(has) == 0:
		return "user " + uid + ", without the capabilities that the sensor needs"
	case uid == "0":
		return "root, with " + strings.Join(has, ", ")
	}
	return "user " + uid + ", with " + strings.Join(has, ", ")
}
