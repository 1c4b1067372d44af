package kerneltest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
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

// container is what lines told of one.
type container struct {
	kernel.Container
	ns          bpf.NS
	userns      uint32
	usernsLevel uint32
	pidLevel    uint32
	caps        uint64 // of its root
	started     bool
	sharesPID   bool // its pid namespace is another container's of its pod
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

// container takes a container that the sensor learns of.
func (w *world) container(k *containerLine) error {
	if err := w.ready(); err != nil {
		return err
	}
	if k.Name == "" && k.ID == "" {
		return fmt.Errorf("a container needs a name or an id")
	}
	pod := cmp.Or(k.Pod, k.PodUID)
	c := &container{Container: kernel.Container{
		ID: k.ID, PodUID: k.PodUID, Runtime: cmp.Or(k.Runtime, "containerd"), Sandbox: k.Sandbox, Name: k.Name, Image: k.Image, ImageID: k.ImageID,
		Pod: k.Pod, Namespace: k.Namespace, SandboxID: k.SandboxID, Labels: k.Labels,
	}, userns: hostUserNS, caps: containerCaps}
	if c.ID == "" {
		c.ID = digest("container", k.Namespace, pod, k.Name)
	}
	if c.PodUID == "" && pod != "" {
		c.PodUID = uuid(digest("pod", k.Namespace, pod))
	}
	if _, err := w.containerNamed(c.ID); err == nil {
		return fmt.Errorf("there is a container of the id %s already", c.ID)
	}
	c.CgroupID = uint64(1000 + len(w.containers))
	c.CgroupPath = cmp.Or(k.Path, cgroupPath(c))
	if k.Privileged {
		c.caps = allCaps
	}
	if err := w.separate(c, k); err != nil {
		return err
	}
	w.containers = append(w.containers, c)
	told := c.Container
	told.Privileged = &k.Privileged
	if k.Nameless {
		told = kernel.Container{ID: c.ID, PodUID: c.PodUID, Runtime: c.Runtime, CgroupID: c.CgroupID, CgroupPath: c.CgroupPath}
	}
	return w.fact(&kernel.Fact{Container: &told})
}

// ready begins the stream where no line has done that.
func (w *world) ready() error {
	if w.begun {
		return nil
	}
	return w.at("")
}

func cgroupPath(c *container) string {
	if c.PodUID == "" {
		return "/system.slice/" + c.ID
	}
	return "/kubepods/besteffort/pod" + c.PodUID + "/" + c.ID
}

// separate gives the container its namespaces: its own, its pod's, or the node's.
func (w *world) separate(c *container, k *containerLine) error {
	c.ns = w.newNamespaces()
	c.pidLevel = 1
	for _, o := range w.containers {
		if c.PodUID != "" && o.PodUID == c.PodUID {
			c.ns.Net, c.ns.Ipc, c.ns.Uts = o.ns.Net, o.ns.Ipc, o.ns.Uts
			if k.SharePID {
				c.ns.Pid, c.sharesPID = o.ns.Pid, true
			}
		}
	}
	for _, name := range k.HostNS {
		to, err := member(&c.ns, name)
		if err != nil {
			return err
		}
		from, _ := member(&hostNS, name)
		*to = *from
		if name == "pid" {
			c.pidLevel = 0
		}
	}
	if k.UserNamespace {
		c.userns, c.usernsLevel = w.newNS(), 1
	}
	return nil
}

func (w *world) newNamespaces() bpf.NS {
	return bpf.NS{Mnt: w.newNS(), Pid: w.newNS(), Net: w.newNS(), Ipc: w.newNS(), Uts: w.newNS(), Cgroup: w.newNS()}
}

func (w *world) newNS() uint32 {
	w.lastNS++
	return w.lastNS
}

// member is the namespace of ns that is called name.
func member(ns *bpf.NS, name string) (*uint32, error) {
	switch name {
	case "mnt":
		return &ns.Mnt, nil
	case "pid":
		return &ns.Pid, nil
	case "net":
		return &ns.Net, nil
	case "ipc":
		return &ns.Ipc, nil
	case "uts":
		return &ns.Uts, nil
	case "cgroup":
		return &ns.Cgroup, nil
	}
	return nil, fmt.Errorf("no such namespace: %s (want mnt, pid, net, ipc, uts or cgroup)", name)
}

// containerNamed is the last container of a name, or the one of an id.
func (w *world) containerNamed(name string) (*container, error) {
	for i := range w.containers {
		if c := w.containers[len(w.containers)-1-i]; c.Name == name || c.ID == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no line before told of a container %s", name)
}

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

// digest is 64 hexadecimal digits that stand for words.
func digest(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:])
}

// uuid is the beginning of a digest, written as a UUID.
func uuid(digest string) string {
	return strings.Join([]string{digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]}, "-")
}
