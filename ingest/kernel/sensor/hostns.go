package sensor

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// HostNamespaces returns the namespaces of the node, by its first process or, where even root may not look at that one, by the kernel's
// first thread, which shares them (kernel/kthread.c, kthreadd runs in the initial namespaces).
func HostNamespaces() (kernel.Found, error) {
	ns, first := namespaces(1)
	if first == nil {
		return hostOf(1, ns), nil
	}
	if !isKernelThread(2) {
		return kernel.Found{}, first
	}
	ns, err := namespaces(2)
	return hostOf(2, ns), errors.Join(err)
}

func hostOf(pid uint32, ns bpf.NS) kernel.Found {
	return kernel.Found{Process: kernel.Process{Key: kernel.Key{PID: pid}, NS: ns}}
}

func namespaces(pid int) (ns bpf.NS, err error) {
	for _, one := range []struct {
		name string
		to   *uint32
	}{{"mnt", &ns.Mnt}, {"pid", &ns.Pid}, {"net", &ns.Net}, {"ipc", &ns.Ipc}, {"uts", &ns.Uts}, {"cgroup", &ns.Cgroup}} {
		link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, one.name))
		if err != nil {
			return ns, fmt.Errorf("read namespace: %w", err)
		}
		if _, err := fmt.Sscanf(link, one.name+":[%d]", one.to); err != nil {
			return ns, fmt.Errorf("read namespace %q: %w", link, err)
		}
	}
	return ns, nil
}

// isKernelThread says whether a process has no memory of its own: kernel threads have no command line and no executable.
func isKernelThread(pid int) bool {
	_, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return errors.Is(err, os.ErrNotExist) && strings.TrimSpace(string(comm)) == "kthreadd"
}
