package doctor

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// machine returns a machine with these files.
func machine(t *testing.T, content map[string]string) files {
	t.Helper()
	root := t.TempDir()
	for name, text := range content {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return files{root}
}

func TestInspectKernel(t *testing.T) {
	f := machine(t, map[string]string{
		"proc/sys/kernel/osrelease":    "6.12.0-amd64\n",
		"proc/self/status":             "Name:\tparallax\nUid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n",
		"proc/self/mounts":             "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\ntracefs /sys/kernel/tracing tracefs rw 0 0\n",
		"sys/kernel/btf/vmlinux":       "\x9f\xeb",
		"sys/kernel/security/lockdown": "none [integrity] confidentiality\n",
		"sys/kernel/security/lsm":      "lockdown,capability,bpf\n",
		"proc/kallsyms":                "0000000000000000 T __x64_sys_mount\n",
	})
	want := Kernel{
		Release: "6.12.0-amd64", Machine: runtime.GOARCH, BTF: true, Privileges: "root, with CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON",
		Lockdown: "integrity", LSM: "lockdown,capability,bpf", Cgroups: "version 2", TraceFS: "mounted at /sys/kernel/tracing", Compat: "not taken",
	}
	if d := cmp.Diff(want, inspectKernel(f)); d != "" {
		t.Error(d)
	}
}

func TestInspectKernelWithoutFiles(t *testing.T) {
	want := Kernel{
		Release: "(not known: /proc/sys/kernel/osrelease is not there)", Machine: runtime.GOARCH,
		Privileges: "(not known: /proc/self/status does not tell)",
		Lockdown:   "(not known: /sys/kernel/security/lockdown is not there)", LSM: "(not known: /sys/kernel/security/lsm is not there)",
		Cgroups: "(not known: no cgroup file system is mounted here)", TraceFS: "not mounted; the sensor opens it for itself where it needs it",
		Compat: "(not known: /proc/kallsyms is not there)",
	}
	if d := cmp.Diff(want, inspectKernel(machine(t, nil))); d != "" {
		t.Error(d)
	}
}

func TestCompatCalls(t *testing.T) {
	for _, symbol := range []string{"__ia32_sys_mount", "__arm64_compat_sys_execve"} {
		f := machine(t, map[string]string{"proc/kallsyms": "0000000000000000 T __x64_sys_mount\n0000000000000000 T " + symbol + "\n"})
		if got := compatCalls(f); !strings.HasPrefix(got, "taken: ") {
			t.Errorf("%s: %s", symbol, got)
		}
	}
}

func TestPrivileges(t *testing.T) {
	f := func(status, want string) {
		t.Helper()
		if got := privileges(status); got != want {
			t.Errorf("%q: got %q, want %q", status, got, want)
		}
	}
	f("Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n", "user 1000, without the capabilities that the sensor needs")
	f("Uid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\n", "user 0, without the capabilities that the sensor needs")
	f("Uid:\t1000\t1001\t0\t0\nCapEff:\t000000c000000000\n", "user 1001, with CAP_BPF, CAP_PERFMON")
	f("Uid:\t0\t0\t0\t0\nCapEff:\tnonsense\n", "user 0, without the capabilities that the sensor needs")
	f("Uid:\n", "(not known: /proc/self/status does not tell)")
}

func TestCgroups(t *testing.T) {
	const (
		v2      = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n"
		systemd = "cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,name=systemd 0 0\n"
		memory  = "cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n"
	)
	f := func(mounts, want string) {
		t.Helper()
		if got := cgroups(mounts); got != want {
			t.Errorf("%q: got %q, want %q", mounts, got, want)
		}
	}
	f(v2, "version 2")
	f(systemd+memory, "version 1")
	f(systemd+v2, "hybrid: version 2 beside version 1")
	f(systemd+memory+v2, "hybrid: version 2, with the memory controller in version 1")
	f("cgroup\nx y\n\n", "(not known: no cgroup file system is mounted here)")
}
