package bpf

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// The object's maps that user space uses.
const (
	mapRare    = "rare"
	mapBulk    = "bulk"
	mapCgroups = "cgroups"
	mapMountNS = "mntns"
	mapLost    = "lost"
)

// specFor returns the object with the settings of cfg, for the kernel of this release.
func specFor(cfg Config, release string) (*ebpf.CollectionSpec, error) {
	spec, err := loadSensor()
	if err != nil {
		return nil, fmt.Errorf("read the object: %w", err)
	}
	now, err := bootTime()
	if err != nil {
		return nil, err
	}
	if err := sizeRings(spec, cfg); err != nil {
		return nil, err
	}
	err = errors.Join(
		set(spec, "cfg_host", flag(cfg.Host)),
		set(spec, "cfg_failed_execs", flag(cfg.FailedExecs)),
		set(spec, "cfg_runtime_setup", flag(cfg.RuntimeSetup)),
		set(spec, "cfg_cgroup_v1", flag(memoryOnV1())),
		set(spec, "cfg_load_ns", now),
		set(spec, varNoMarkNs, uint64(math.MaxInt64)),
		set(spec, "cfg_twice", flag(preemptsPrograms(release))),
	)
	return spec, err
}

// varNoMarkNs is the boot time before which tasks have no mark, whether or not they have started a program in scope: they count as having
// done so. While programs are attached that is any time, since some are made before the one that hands marks down is there; then it is
// that moment, and later the last at which there was no room for a mark.
const varNoMarkNs = "marks_full_ns"

// marked says that from now on every process that is made in scope has a mark.
func (p *programs) marked() error {
	now, err := bootTime()
	if err != nil {
		return err
	}
	if err := p.vars[varNoMarkNs].Set(now); err != nil {
		return fmt.Errorf("tell the programs that all are attached: %w", err)
	}
	return nil
}

// preemptsPrograms tells whether the kernel may preempt programs of tracepoints: 6.18 does not, 7.2 does.
func preemptsPrograms(release string) bool { return atLeast(release, version{6, 19}) }

func sizeRings(spec *ebpf.CollectionSpec, cfg Config) error {
	for name, size := range map[string]uint32{mapRare: cfg.RareBytes, mapBulk: cfg.BulkBytes} {
		m := spec.Maps[name]
		if m == nil {
			return fmt.Errorf("the object has no map %s", name)
		}
		m.MaxEntries = size
	}
	return nil
}

func set[T uint32 | uint64](spec *ebpf.CollectionSpec, name string, value T) error {
	v := spec.Variables[name]
	if v == nil {
		return fmt.Errorf("the object has no setting %s", name)
	}
	return v.Set(value)
}

func flag(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// memoryOnV1 tells whether the memory controller is in a cgroup v1 hierarchy (cgroups(7): its second column in /proc/cgroups is not 0).
func memoryOnV1() bool {
	b, err := os.ReadFile("/proc/cgroups")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "memory" {
			return f[1] != "0"
		}
	}
	return false
}

// unlimitMemory lifts the limit of locked memory where maps count against it: before Linux 5.11.
func unlimitMemory(release string) error {
	if atLeast(release, version{5, 11}) {
		return nil
	}
	limit := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
	if err := unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit); err != nil {
		return lacks(ErrNotPermitted, "cannot lift the limit of locked memory, which kernel %s counts eBPF maps against (%v): run the sensor as root", release, err)
	}
	return nil
}
