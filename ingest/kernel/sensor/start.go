package sensor

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// newStart makes the fact that begins a stream.
func newStart(cfg Config, clock Clock, hooks []bpf.Hook, host kernel.Found) (*kernel.Start, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return nil, fmt.Errorf("read boot id: %w", err)
	}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return nil, fmt.Errorf("read kernel release: %w", err)
	}
	start := &kernel.Start{
		Node: cfg.NodeName, BootID: strings.TrimSpace(string(boot)), Epoch: newEpoch(),
		OffsetNs: offset(clock), BootNs: clock.Boot(), HostNS: host,
		Kernel: unix.ByteSliceToString(name.Release[:]), Sensor: cfg.Version, LostSeen: true,
	}
	for _, h := range hooks {
		start.Hooks = append(start.Hooks, hookOf(h))
	}
	return start, nil
}

// newEpoch is the random number that tells the starts of sensors apart.
func newEpoch() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return binary.LittleEndian.Uint64(b[:])
}

// hookOf is what a stream tells of a hook: of one that is not attached, what is not seen without it.
func hookOf(h bpf.Hook) kernel.Hook {
	k := kernel.Hook{Name: h.Name, Mechanism: h.Mechanism}
	if !h.Active() {
		k.Missing = h.Lost
	}
	return k
}
