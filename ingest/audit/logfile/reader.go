package logfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"github.com/parallax-sec/parallax/event"
)

// Reader reads recorded audit logs as one sequence of batches. See the package comment for what it guarantees.
type Reader struct {
	cfg     Config
	stdin   io.Reader
	pool    blockPool
	faults  []event.Fault // of directories, for the first batch
	left    []string      // for another reader
	waiting []*origin     // not open yet, the one to be read first at the front
	open    []*origin
	total   int64
	read    atomic.Int64
	stopped atomic.Bool // all reads fail from now on
}

// Open finds the files behind paths: files, directories with all that is below them except hidden files and symbolic links,
// and "-" for stdin. It looks at the beginning of each file, but not of stdin. An error is about what the caller has named
// (missing, unreadable, not a log), and tells all such paths at once; what cannot be read in a directory becomes a fault of
// the first batch.
func Open(cfg Config, paths []string, stdin io.Reader) (*Reader, error) {
	inputs, faults, err := findInputs(paths)
	cfg = cfg.withDefaults()
	r := &Reader{cfg: cfg, stdin: stdin, pool: blockPool{size: cfg.ChunkBytes}, faults: faults}
	errs := []error{err}
	for i, in := range inputs {
		o := &origin{input: in, order: i}
		if err := r.add(o); err != nil && in.named {
			errs = append(errs, fmt.Errorf("open log: %s: %w", in.path, err))
		} else if err != nil {
			r.faults = append(r.faults, event.Fault{Origin: in.path, Reason: err.Error()})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(r.waiting, func(a, b *origin) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	r.total = r.totalSize()
	return r, nil
}

// Left returns the files that Config.Leave left to another reader, in order of name.
func (r *Reader) Left() []string { return r.left }

// add puts o where it waits to be read.
func (r *Reader) add(o *origin) error {
	if o.path == stdinName {
		if r.stdin == nil {
			return errors.New("there is no standard input")
		}
		r.open = append(r.open, o)
		return nil
	}
	first, err := r.firstTime(o.path)
	if errors.Is(err, errLeft) {
		r.left = append(r.left, o.path)
		return nil
	}
	if err != nil {
		return err
	}
	o.begin(first)
	r.waiting = append(r.waiting, o)
	return nil
}

// totalSize is the size of all that is to be read, in bytes as they are stored; 0 where standard input is part of it.
func (r *Reader) totalSize() int64 {
	if len(r.open) > 0 {
		return 0
	}
	var sum int64
	for _, o := range r.waiting {
		sum += o.size
	}
	return sum
}

// Next returns the next batch, io.EOF behind the last one, and ctx's error when ctx ends, even while standard input is
// silent; after that the Reader is at its end. The caller owns the batch until it calls Release.
func (r *Reader) Next(ctx context.Context) (*event.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(r.faults) > 0 {
		b := &event.Batch{Origin: r.faults[0].Origin, Faults: r.faults}
		r.faults = nil
		return b, nil
	}
	defer context.AfterFunc(ctx, func() { r.stopped.Store(true) })()
	b, err := r.next(ctx)
	if ctxErr := ctx.Err(); ctxErr != nil && b != nil {
		b.Release()
		return nil, ctxErr
	}
	return b, err
}

func (r *Reader) next(ctx context.Context) (*event.Batch, error) {
	if err := r.startStdin(ctx); err != nil {
		return nil, err
	}
	for {
		o := r.pick()
		if o == nil {
			return nil, io.EOF
		}
		b, err := o.next(ctx)
		switch {
		case err == nil:
			o.note(b.NewestNs)
			b.LowNs = r.low()
			return b, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		r.remove(o)
		if !errors.Is(err, io.EOF) {
			return &event.Batch{Origin: o.path, LowNs: r.low(), Faults: []event.Fault{{Origin: o.path, Reason: err.Error()}}}, nil
		}
	}
}

// startStdin opens standard input, if it is to be read, and waits for its first batch to learn its first time.
func (r *Reader) startStdin(ctx context.Context) error {
	for _, o := range r.open {
		if o.src != nil {
			continue
		}
		o.src = r.openStdin()
		b, err := o.src.next(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if b != nil {
			o.begin(oldestTime(b.Data))
		}
		o.ahead = &outcome{b, err}
	}
	return nil
}

// pick returns the origin whose event time has come least far, opened; nil where all are at their end.
func (r *Reader) pick() *origin {
	least := r.least()
	if len(r.waiting) > 0 && len(r.open) < r.cfg.MaxOpen && (least == nil || r.waiting[0].before(least)) {
		least = r.waiting[0]
		r.waiting = r.waiting[1:]
		least.src = r.openFile(least.path)
		r.open = append(r.open, least)
	}
	return least
}

func (r *Reader) least() *origin {
	var least *origin
	for _, o := range r.open {
		if least == nil || o.before(least) {
			least = o
		}
	}
	return least
}

// low is the least progress of what is not at its end; 0 where that is not known.
func (r *Reader) low() int64 {
	o := r.least()
	if len(r.waiting) > 0 && (o == nil || r.waiting[0].before(o)) {
		o = r.waiting[0]
	}
	if o == nil {
		return 0
	}
	return o.progress()
}

func (r *Reader) remove(o *origin) {
	o.src.close()
	r.open = slices.DeleteFunc(r.open, func(p *origin) bool { return p == o })
}

// Progress returns how many bytes have been read, as they are stored, and how many there are; 0 where that is not known.
// It may be called while Next runs.
func (r *Reader) Progress() (readBytes, totalBytes int64) {
	readBytes = r.read.Load()
	if r.total > 0 {
		readBytes = min(readBytes, r.total) // a log that is still written to may have grown
	}
	return readBytes, r.total
}

// Close gives up what has not been read. Batches stay valid. A goroutine that waits for standard input ends with the next
// byte that comes there.
func (r *Reader) Close() error {
	r.stopped.Store(true)
	for _, o := range r.open {
		if o.src != nil {
			o.src.close()
		}
	}
	r.open, r.waiting = nil, nil
	return nil
}
