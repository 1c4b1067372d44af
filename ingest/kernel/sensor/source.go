package sensor

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Reader is what reads the kernel's rings: a *bpf.Sensor, whose methods these are.
type Reader interface {
	Hooks() []bpf.Hook
	Read(ctx context.Context, wait time.Duration, fn func(record []byte)) (n int, err error)
	Wake()
	Waiting() (rare, bulk uint64)
	Lost() ([]bpf.Lost, error)
	AddCgroup(id uint64) error
	RemoveCgroup(id uint64) error
	AddMountNS(inum uint32) error
	RemoveMountNS(inum uint32) error
}

// Source makes a stream of what a Reader reads. It is a source of a pipeline's lane in order.
type Source struct {
	cfg    Config
	reader Reader
	clock  Clock
	node   Node

	frames   []byte        // of the batch that is being made
	count    int           // frames in it
	faults   []event.Fault // what went wrong before it
	number   int64         // of its first frame in the stream, from 1
	spare    []byte        // memory of a batch that was given back
	begun    bool
	ended    bool
	stopNs   uint64 // boot time at which Stop was noticed; 0: it was not
	recordNs uint64 // boot time of the newest record
	offsetNs int64  // wall clock minus boot time

	containers *kernel.Containers
	watches    map[*kernel.Container]*watch
	asking     []*watch // with a question that is not answered, or records that are held
	held       int      // bytes of the frames that are held
	files      *lookups // of the node: the runtime's files
	roots      *lookups // in containers, which may make them take for ever
	losses     losses
	seqs       []uint64 // the last of each CPU
	lookNs     uint64   // boot time of the next look at what was lost
	beatNs     uint64   // boot time of the next beat

	stopped atomic.Bool
	stats   Stats // of the reading goroutine
	mu      sync.Mutex
	public  Stats // guarded by mu
}

// New returns a source, of which nothing runs before the first Next.
func New(cfg Config, reader Reader, clock Clock, node Node) *Source {
	return &Source{
		cfg: cfg, reader: reader, clock: clock, node: node, number: 1,
		containers: kernel.NewContainers(kernel.ContainersConfig{Parser: node.Parser}),
		watches:    map[*kernel.Container]*watch{},
		files:      newLookups(filesAtOnce, reader.Wake), roots: newLookups(rootsAtOnce, reader.Wake),
	}
}

// How many lookups may be at work. One that never ends keeps its place: with so many of them in containers, names of users are no longer
// looked up.
const (
	filesAtOnce = 4
	rootsAtOnce = 16
)

// Stop makes Next hand out what is left, and then io.EOF. It may be called from any goroutine, and twice.
func (s *Source) Stop() {
	s.stopped.Store(true)
	s.reader.Wake()
}

// Next waits for records and returns them, with the facts that they need, as frames. After Stop it returns io.EOF once all is handed
// out, and when ctx ends its error. The memory of a batch is used again once it was released; it is to be released before the next call.
func (s *Source) Next(ctx context.Context) (*event.Batch, error) {
	defer s.publish()
	s.frames, s.spare, s.count = s.spare[:0], nil, 0
	for len(s.frames) == 0 {
		if s.ended {
			return nil, io.EOF
		}
		if err := s.step(ctx); err != nil {
			return nil, err
		}
	}
	return s.batch(), nil
}

// step begins the stream, reads once, or ends the stream.
func (s *Source) step(ctx context.Context) error {
	if !s.begun {
		s.begun = true
		return s.begin()
	}
	if s.stopped.Load() && s.stopNs == 0 {
		s.stopNs = s.clock.Boot()
	}
	nowNs := s.clock.Boot()
	n, err := s.reader.Read(ctx, s.wait(), s.record)
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	s.settle(s.clock.Boot())
	if s.stopNs != 0 && (n == 0 || s.recordNs >= s.stopNs) {
		return s.end(nowNs)
	}
	return s.periodic(nowNs)
}

// end hands out what waits, and what was lost until a boot time.
func (s *Source) end(nowNs uint64) error {
	s.ended = true
	for _, w := range s.asking {
		s.giveUp(w)
	}
	if err := s.lost(nowNs); err != nil {
		return err
	}
	s.beat(nowNs)
	return nil
}

// maxWait is how long the kernel is waited for while nothing else is to be done.
const maxWait = time.Second

// wait is how long Read may wait: until the next thing that is due without a record.
func (s *Source) wait() time.Duration {
	if s.stopNs != 0 {
		return 0
	}
	now := s.clock.Boot()
	due := min(s.lookNs, s.beatNs, now+uint64(maxWait))
	for _, w := range s.asking {
		due = min(due, s.dueNs(w))
	}
	return time.Duration(due - min(due, now))
}

// origin is the name of the stream in faults.
const origin = "sensor"

// batch is the frames that were made.
func (s *Source) batch() *event.Batch {
	b := &event.Batch{Origin: origin, Line: s.number, Data: s.frames, Faults: s.faults, LowNs: int64(s.recordNs) + s.offsetNs}
	s.faults = nil
	data := s.frames
	b.Free = func() { s.spare = data }
	s.number += int64(s.count)
	return b
}

// ship appends a record to the stream.
func (s *Source) ship(record []byte) {
	s.frames = kernel.AppendRecord(s.frames, record)
	s.count++
}

// tell appends a fact to the stream.
func (s *Source) tell(f *kernel.Fact) {
	frames, err := kernel.AppendFact(s.frames, f)
	if err != nil {
		s.stats.FactsDropped++
		return
	}
	s.frames = frames
	s.count++
	s.stats.Facts++
}
