package sensor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
)

// The node of these tests: its namespaces, and a container of a pod.
const (
	hostMnt, hostPID = 4026531832, 4026531836
	hostCgroup       = 1
	containerID      = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	otherID          = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	podPath          = "/kubepods/burstable/pod11111111-2222-3333-4444-555555555555/"
)

// bytesOf are the bytes of a record, with its texts behind it.
func bytesOf[T any](r *T, kind bpf.Kind, texts ...string) []byte {
	n := int(unsafe.Sizeof(*r))
	text := strings.Join(texts, "")
	b := make([]byte, n+len(text))
	copy(b, unsafe.Slice((*byte)(unsafe.Pointer(r)), n))
	copy(b[n:], text)
	h := (*bpf.Head)(unsafe.Pointer(&b[0]))
	h.Size, h.Kind, h.Version = uint32(len(b)), uint8(kind), bpf.RecordVersion
	return b
}

// cgroupRecord tells of a cgroup that was made (op 1) or removed (2) by the container runtime.
func cgroupRecord(op uint32, id uint64, path string) []byte {
	r := &bpf.Cgroup{Head: bpf.Head{Cgroup: hostCgroup, Pid: 50}, Id: id, ParentId: hostCgroup, Op: op, PathLen: uint16(len(path))}
	return bytesOf(r, bpf.KindCgroup, path)
}

// execRecord tells of a program that starts in a cgroup, with namespaces that bear its number.
func execRecord(cgroup uint64, pid, flags uint32) []byte {
	r := &bpf.Exec{Head: bpf.Head{Cgroup: cgroup, Pid: pid, StartNs: uint64(pid), Flags: flags, ParentCgroup: hostCgroup, ParentPidns: hostPID}}
	r.Head.Ns = bpf.NS{Mnt: hostMnt, Pid: hostPID}
	if cgroup != hostCgroup {
		r.Head.Ns, r.Head.PidnsLevel = bpf.NS{Mnt: uint32(1000 + cgroup), Pid: uint32(2000 + cgroup)}, 1
	}
	return bytesOf(r, bpf.KindExec)
}

// fakeReader is a ring that tests fill, and the kernel's filter. Its methods are those of Reader.
type fakeReader struct {
	mu      sync.Mutex
	records [][]byte
	bell    chan struct{}
	lost    []bpf.Lost
	scope   []string // what the kernel was told, in order
	full    error    // of its filter, which takes nothing more
	seq     uint64
	clock   *fakeClock
}

func newFakeReader(c *fakeClock) *fakeReader {
	return &fakeReader{bell: make(chan struct{}, 1), clock: c}
}

// put writes records as the kernel would: with time and number.
func (r *fakeReader) put(records ...[]byte) {
	r.mu.Lock()
	for _, b := range records {
		r.seq++
		if len(b) >= int(unsafe.Sizeof(bpf.Head{})) {
			h := (*bpf.Head)(unsafe.Pointer(&b[0]))
			h.TimeNs, h.Seq, h.Cpu = r.clock.Boot(), r.seq, 1
		}
		r.records = append(r.records, b)
	}
	r.mu.Unlock()
	r.Wake()
}

func (r *fakeReader) Read(ctx context.Context, wait time.Duration, fn func([]byte)) (int, error) {
	r.mu.Lock()
	waiting := len(r.records)
	r.mu.Unlock()
	if waiting == 0 && wait > 0 {
		select {
		case <-r.bell:
		case <-time.After(wait):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	r.mu.Lock()
	records := r.records
	r.records = nil
	r.mu.Unlock()
	for _, b := range records {
		fn(b)
	}
	return len(records), ctx.Err()
}

func (r *fakeReader) Wake() {
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

func (r *fakeReader) Hooks() []bpf.Hook {
	return []bpf.Hook{{Name: "exec", Mechanism: "tp_btf", Lost: "programs"}, {Name: "mount", Lost: "mounts"}}
}
func (r *fakeReader) Waiting() (rare, bulk uint64) { return 0, 5 }
func (r *fakeReader) Lost() ([]bpf.Lost, error)    { return r.lost, nil }
func (r *fakeReader) AddCgroup(id uint64) error    { return errors.Join(r.told("+cgroup %d", id), r.full) }

func (r *fakeReader) AddMountNS(id uint32) error  { return errors.Join(r.told("+mntns %d", id), r.full) }
func (r *fakeReader) RemoveCgroup(i uint64) error { return r.told("-cgroup %d", i) }
func (r *fakeReader) RemoveMountNS(i uint32) error {
	return r.told("-mntns %d", i)
}

func (r *fakeReader) told(format string, id any) error {
	r.scope = append(r.scope, fmt.Sprintf(format, id))
	return nil
}

// fakeClock is the clock of a synctest bubble.
type fakeClock struct{ began time.Time }

func (c *fakeClock) Boot() uint64 { return uint64(time.Since(c.began)) + 1e9 }
func (c *fakeClock) Wall() int64  { return time.Now().UnixNano() }

// bench is a source under test.
type bench struct {
	*Source
	t      *testing.T
	reader *fakeReader
	node   *Node
	clock  *fakeClock
}

// onBench runs a test with a source, on a node where nothing runs unless prepare says so.
func onBench(t *testing.T, prepare func(*bench), test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, clock: &fakeClock{time.Now()}, node: &Node{
			Parser: new(cgroup.Parser),
			Host: func() (kernel.Found, error) {
				return kernel.Found{Process: kernel.Process{Key: kernel.Key{PID: 1}, NS: bpf.NS{Mnt: hostMnt, Pid: hostPID}}}, nil
			},
			Cgroups:   func(func(uint64, string)) error { return nil },
			Ancestry:  func(uint64) []runtimefiles.Cgroup { return nil },
			Processes: func() ([]kernel.Found, error) { return nil, nil },
			Describe:  func(*kernel.Container, uint32) bool { return false },
			Users:     func(*kernel.Container, uint32) (*kernel.Users, bool) { return nil, false },
		}}
		b.reader = newFakeReader(b.clock)
		if prepare != nil {
			prepare(b)
		}
		cfg := DefaultConfig()
		cfg.NodeName = "node-1"
		b.Source = New(cfg, b.reader, b.clock, *b.node)
		test(b)
	})
}

// next returns the next batch, one word or more for each frame.
func (b *bench) next() []string {
	b.t.Helper()
	batch, err := b.Next(context.Background())
	if errors.Is(err, io.EOF) {
		return []string{"end"}
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer batch.Release()
	return b.words(batch.Data)
}

// until returns what comes, up to and with the batch that has a word.
func (b *bench) until(word string) (all []string) {
	b.t.Helper()
	for range 100 {
		words := b.next()
		all = append(all, words...)
		for _, w := range words {
			if w == word || w == "end" {
				return all
			}
		}
	}
	b.t.Fatalf("no %q in %q", word, all)
	return nil
}

func (b *bench) words(frames []byte) (out []string) {
	b.t.Helper()
	for len(frames) > 0 {
		kind, body, rest, err := kernel.NextFrame(frames)
		if err != nil {
			b.t.Fatal(err)
		}
		frames = rest
		if kind == kernel.FrameFact {
			out = append(out, factWord(b.t, body))
		} else {
			out = append(out, recordWord(body))
		}
	}
	return out
}

func recordWord(b []byte) string {
	h, err := bpf.ParseHead(b)
	if err != nil {
		return "bad"
	}
	if bpf.Kind(h.Kind) == bpf.KindCgroup {
		r, _, _ := bpf.ParseCgroup(b)
		return fmt.Sprintf("cgroup:%d:%d", r.Op, r.Id)
	}
	return fmt.Sprintf("exec:%d:%d", h.Cgroup, h.Pid)
}

func factWord(t *testing.T, body []byte) string {
	var f kernel.Fact
	if err := json.Unmarshal(body, &f); err != nil {
		t.Fatal(err)
	}
	switch {
	case f.Start != nil:
		return "start"
	case f.Process != nil:
		return strings.TrimSuffix(fmt.Sprintf("process:%d:%.3s", f.Process.PID, f.Process.ContainerID), ":")
	case f.Container != nil:
		return strings.TrimSuffix(fmt.Sprintf("container:%.3s:%s", f.Container.ID, f.Container.Pod), ":")
	case f.Lost != nil:
		return fmt.Sprintf("lost:%s:%d:%d", f.Lost.Reason, f.Lost.CPU, f.Lost.N)
	case f.Beat != nil:
		return "beat"
	case f.Users != nil:
		return strings.TrimSuffix(fmt.Sprintf("users:%.3s", f.Users.ContainerID), ":")
	}
	return "nothing"
}
