package kerneltest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// world is a node as far as the lines so far have told of it.
type world struct {
	batches []event.Batch
	line    int64 // of the value that is being read

	begun    bool
	offsetNs int64  // wall clock minus boot time
	nowNs    uint64 // boot time of the line before
	seqs     map[uint16]uint64

	containers []*container
	processes  map[uint32]*process
	vpids      map[uint32]uint32 // last process id given, by pid namespace
	lastNS     uint32            // last number given to a namespace
}

// Numbers of the node's own namespaces (include/linux/proc_ns.h of Linux: PROC_*_INIT_INO, and the first given out at boot), and the
// ids of the root of the cgroups.
const (
	hostUserNS = 0xeffffffd
	rootCgroup = 1
)

var hostNS = bpf.NS{Mnt: 0xf0000000, Pid: 0xeffffffc, Net: 0xf0000098, Ipc: 0xefffffff, Uts: 0xeffffffe, Cgroup: 0xeffffffb}

// When nothing else is said: the time of the first line, how long the node is up then, and the time between lines.
const (
	firstTime = "2026-01-01T00:00:00Z"
	uptime    = time.Hour
	step      = 10 * time.Millisecond
	longest   = 24 * time.Hour
)

func newWorld() *world {
	return &world{
		seqs: map[uint16]uint64{}, processes: map[uint32]*process{}, vpids: map[uint32]uint32{}, lastNS: 0xf0000100,
	}
}

// at moves the time on to that of a line, and begins the stream where that has not been done.
func (w *world) at(text string) error {
	if rest, ok := strings.CutPrefix(text, "+"); ok || text == "" {
		d, err := time.ParseDuration(cmp.Or(rest, step.String()))
		if err != nil || d < 0 || d > longest {
			return fmt.Errorf("time %q: want a duration such as +100ms, of at most %v", text, longest)
		}
		if !w.begun {
			return w.at(firstTime)
		}
		w.nowNs += uint64(d)
		return nil
	}
	t, err := parseTime(text)
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	if !w.begun {
		return w.begin(t, startLine{})
	}
	boot := t.UnixNano() - w.offsetNs
	if boot < 0 {
		return fmt.Errorf("time %q is before the node's start, %v before the first line", text, uptime)
	}
	w.nowNs = uint64(boot)
	return nil
}

// parseTime reads a time whose nanoseconds since 1970 can be told, and those of a year before and after too.
func parseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() < 1972 || t.Year() > 2200 {
		return t, fmt.Errorf("%q: want a time such as %s, or +100ms after the line before", text, firstTime)
	}
	return t, nil
}

// start begins the stream of a sensor.
func (w *world) start(k *startLine) error {
	t, err := parseTime(cmp.Or(k.Time, firstTime))
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	return w.begin(t, *k)
}

func (w *world) begin(t time.Time, k startLine) error {
	batches, line := w.batches, w.line
	*w = *newWorld()
	w.batches, w.line, w.begun = batches, line, true
	w.offsetNs = t.Add(-uptime).UnixNano()
	w.nowNs = uint64(uptime)
	var host kernel.Found
	host.PID, host.NS = 1, hostNS
	return w.fact(&kernel.Fact{Start: &kernel.Start{
		Node: cmp.Or(k.Node, "node-1"), BootID: cmp.Or(k.BootID, "3f2b8c1a-0000-4000-8000-000000000001"), Epoch: cmp.Or(k.Epoch, 1),
		OffsetNs: w.offsetNs, BootNs: w.nowNs, HostNS: host, Kernel: cmp.Or(k.Kernel, "6.12.0"), Sensor: "kerneltest", Hooks: allHooks(), LostSeen: true,
	}})
}

// allHooks is what a kernel gives that allows everything.
func allHooks() []kernel.Hook {
	var out []kernel.Hook
	for _, name := range []string{"execve", "fork", "exit", "mount", "setuid", "setns", "ptrace", "cgroup"} {
		out = append(out, kernel.Hook{Name: name, Mechanism: "tp_btf"})
	}
	return out
}

// fact adds a fact to the stream.
func (w *world) fact(f *kernel.Fact) error {
	data, err := kernel.AppendFact(nil, f)
	if err == nil {
		w.add(data, w.wallNs())
	}
	return err
}

// add adds a frame to the stream.
func (w *world) add(frame []byte, timeNs int64) {
	w.batches = append(w.batches, event.Batch{Line: w.line, Data: frame, NewestNs: timeNs})
}

func (w *world) wallNs() int64 { return int64(w.nowNs) + w.offsetNs }

func (w *world) users(k *usersLine) error {
	if err := w.ready(); err != nil {
		return err
	}
	u := &kernel.Users{Users: k.Users, Groups: k.Groups}
	if k.Container != "" {
		c, err := w.containerNamed(k.Container)
		if err != nil {
			return err
		}
		u.ContainerID = c.ID
	}
	return w.fact(&kernel.Fact{Users: u})
}

func (w *world) lost(k *lostLine) error {
	if err := w.at(k.Time); err != nil {
		return err
	}
	return w.fact(&kernel.Fact{Lost: &kernel.Lost{BootNs: w.nowNs, CPU: k.CPU, Reason: k.Reason, N: k.N}})
}

func (w *world) beat(k *beatLine) error {
	if err := w.at(k.Time); err != nil {
		return err
	}
	b := &kernel.Beat{BootNs: w.nowNs, WallNs: w.wallNs(), Seqs: make([]uint64, len(w.seqs))}
	for cpu := range b.Seqs {
		b.Seqs[cpu] = w.seqs[uint16(cpu)]
	}
	return w.fact(&kernel.Fact{Beat: b})
}

// ready begins the stream where no line has done that.
func (w *world) ready() error {
	if w.begun {
		return nil
	}
	return w.at("")
}
