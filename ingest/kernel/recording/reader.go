package recording

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync/atomic"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// maxOpen is how many files are open at the same time. Others wait where they were left.
const maxOpen = 64

// maxRatio is how many bytes of frames one byte of a file may become, once ratioFrom bytes have. Real recordings reach 10 to 50.
const (
	maxRatio  = 10_000
	ratioFrom = 1 << 30
)

// Reader reads recordings as one sequence of batches: a block each, the recording first whose event time has come least far.
type Reader struct {
	files   []*file // not at their end
	unpack  *unpacker
	pool    framePool
	total   int64
	read    atomic.Int64
	stdin   *io.PipeReader // nil where standard input is not read
	lost    lost           // what the sensors had lost, by what has been read
	stopped atomic.Bool
}

// Open looks at the beginning of each recording; stdin, which is nil where it is none, is one more. What cannot be opened is a fault of the
// first batches.
func Open(paths []string, stdin io.Reader) (*Reader, error) {
	r := &Reader{lost: lost{}}
	var err error
	if r.unpack, err = newUnpacker(r.pool.get); err != nil {
		return nil, err
	}
	for i, path := range paths {
		f := newFile(path, i)
		f.timeNs = r.firstTime(path)
		r.files = append(r.files, f)
		if info, err := os.Stat(path); err == nil {
			r.total += info.Size()
		}
	}
	if stdin != nil {
		f := newFile("-", len(paths))
		r.stdin = interruptible(stdin)
		f.stdin = r.stdin
		r.files = append(r.files, f)
		r.total = 0
	}
	return r, nil
}

// interruptible returns what reads src, and stops waiting for it when it is closed. Its goroutine ends with the next byte of src then.
func interruptible(src io.Reader) *io.PipeReader {
	out, in := io.Pipe()
	go func() {
		_, err := io.Copy(in, src)
		in.CloseWithError(err) // nil is io.EOF
	}()
	return out
}

// firstTime is the event time that a recording begins with; 0 where its first block does not tell.
func (r *Reader) firstTime(path string) int64 {
	f := newFile(path, 0)
	if err := f.open(func(src io.Reader) io.Reader { return src }); err != nil {
		return 0
	}
	defer f.close()
	b, err := f.read(r.unpack)
	if err != nil {
		return 0
	}
	defer r.pool.put(b.frames)
	return f.clock.look(b.frames).firstNs
}

// Next returns the next batch, io.EOF behind the last one, and ctx's error when ctx has ended. The caller owns the batch until it calls
// Release.
func (r *Reader) Next(ctx context.Context) (*event.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, r.stop)()
	if len(r.files) == 0 {
		return nil, io.EOF
	}
	f := r.least()
	b := r.batch(f)
	if err := ctx.Err(); err != nil {
		b.Release()
		return nil, err
	}
	if b.Last {
		f.close()
		r.files = slices.DeleteFunc(r.files, func(o *file) bool { return o == f })
	}
	if len(r.files) > 0 {
		b.LowNs = r.least().timeNs
	}
	return b, nil
}

// least is the file whose event time has come least far.
func (r *Reader) least() *file {
	return slices.MinFunc(r.files, func(a, b *file) int {
		return cmp.Or(cmp.Compare(a.timeNs, b.timeNs), cmp.Compare(a.order, b.order))
	})
}

// batch reads the next block of f, or its end.
func (r *Reader) batch(f *file) *event.Batch {
	out := &event.Batch{Origin: f.name}
	b, err := r.block(f)
	if err != nil {
		out.Last = true
	} else {
		s := f.clock.look(b.frames)
		f.timeNs = cmp.Or(s.newestNs, f.timeNs)
		for reason, n := range s.lost {
			r.lost.add(reason, n)
		}
		out.Line, out.Data, out.NewestNs = int64(b.first), b.frames, s.newestNs
		out.Free = func() { r.pool.put(b.frames) }
	}
	out.Faults, f.faults = f.faults, nil
	return out
}

func (r *Reader) block(f *file) (blockOf, error) {
	if f.src == nil {
		r.makeRoom()
		if err := f.open(r.watched); err != nil {
			f.fault("%v", err)
			return blockOf{}, err
		}
	}
	b, err := f.read(r.unpack)
	f.out += int64(len(b.frames))
	if err == nil && f.out > ratioFrom && f.out/maxRatio > f.offset {
		f.fault("decompression bomb: each byte becomes more than %d; the rest is left out", maxRatio)
		return blockOf{}, io.EOF
	}
	return b, err
}

// makeRoom closes the open file whose event time has come furthest, where as many are open as may be.
func (r *Reader) makeRoom() {
	var open []*file
	for _, f := range r.files {
		if f.src != nil && f.stdin == nil {
			open = append(open, f)
		}
	}
	if len(open) >= maxOpen {
		slices.MaxFunc(open, func(a, b *file) int { return cmp.Compare(a.timeNs, b.timeNs) }).close()
	}
}

// watched counts what is read of a file, and ends it when the Reader is stopped.
func (r *Reader) watched(src io.Reader) io.Reader { return &tap{src, r} }

type tap struct {
	src io.Reader
	r   *Reader
}

var errStopped = errors.New("the reader is closed")

// Read reads on.
func (t *tap) Read(p []byte) (int, error) {
	if t.r.stopped.Load() {
		return 0, errStopped
	}
	n, err := t.src.Read(p)
	t.r.read.Add(int64(n))
	return n, err
}

// Progress returns how many bytes have been read, as they are stored, and how many there are; 0 where that is not known. It may be called
// while Next runs.
func (r *Reader) Progress() (readBytes, totalBytes int64) {
	readBytes = r.read.Load()
	if r.total > 0 {
		readBytes = min(readBytes, r.total) // a recording that is still written to may have grown, or be opened twice
	}
	return readBytes, r.total
}

// Lost is what the sensors had lost when this was recorded, in all of each reason, by what has been read. It is not to be called while
// Next runs.
func (r *Reader) Lost() []bpf.Lost { return r.lost.totals() }

// Close gives up what has not been read. Batches stay valid.
func (r *Reader) Close() error {
	r.stop()
	for _, f := range r.files {
		f.close()
	}
	r.files = nil
	return nil
}

// stop makes all reads fail from now on.
func (r *Reader) stop() {
	r.stopped.Store(true)
	if r.stdin != nil {
		_ = r.stdin.CloseWithError(errStopped)
	}
}
