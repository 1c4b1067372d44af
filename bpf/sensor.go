package bpf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Sensor is the programs, loaded and attached, and what reads their rings. Everything is held by file descriptors alone: it ends with
// the process, however that ends.
type Sensor struct {
	lock     *os.File
	programs *programs
	attacher *attacher
	reader   *reader

	closing atomic.Bool  // no Read begins any more
	reading sync.Mutex   // held during Read, which may take long
	mu      sync.RWMutex // guards closed, and keeps Close from taking away what others use; Read does not hold it, so that fn may call the others
	closed  bool
}

// errClosed is what methods say after Close.
var errClosed = errors.New("sensor is closed")

// Load loads the programs and attaches them. Its errors are ErrNotPermitted, ErrNoBTF, ErrUnsupported and ErrLocked, each one clear
// sentence, or tell of something that should not happen. Hooks tells which parts are missing on this kernel.
func Load(cfg Config) (*Sensor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	release, err := KernelRelease()
	if err != nil {
		return nil, err
	}
	if err := require(release); err != nil {
		return nil, err
	}
	lock, err := lockFile(cfg.LockFile)
	if err != nil {
		return nil, err
	}
	s, err := open(cfg, release)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s.lock = lock
	return s, nil
}

// open is Load without asking for leave.
func open(cfg Config, release string) (_ *Sensor, err error) {
	s := &Sensor{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	spec, err := specFor(cfg, release)
	if err != nil {
		return nil, err
	}
	if err := unlimitMemory(release); err != nil {
		return nil, err
	}
	if s.programs, err = newPrograms(spec); err != nil {
		return nil, explain(err)
	}
	rare, bulk := s.programs.maps[mapRare], s.programs.maps[mapBulk]
	if s.reader, err = newReader(rare.FD(), cfg.RareBytes, bulk.FD(), cfg.BulkBytes); err != nil {
		return nil, err
	}
	s.attacher = newAttacher(s.programs, release)
	if err := s.attacher.all(cfg); err != nil {
		return nil, err
	}
	if err := s.programs.marked(); err != nil {
		return nil, err
	}
	s.programs.forget()
	return s, s.attacher.finish()
}

// Hooks returns what is attached and how, and what is not, in a fixed order.
func (s *Sensor) Hooks() []Hook { return append([]Hook(nil), s.attacher.hooks...) }

// Read waits until there is something to read, Wake is called, ctx ends or wait is over. Then it hands fn what both rings hold, in the
// order of the records' times, and returns how many records that were: some 256 KiB of them at most, the rest by the next call. A record
// is valid, and may be read only, until fn returns. One goroutine may read at a time. After the end of ctx, whose error it returns, the
// rings may still hold something.
func (s *Sensor) Read(ctx context.Context, wait time.Duration, fn func(record []byte)) (n int, err error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.closing.Load() {
		return 0, errClosed
	}
	defer context.AfterFunc(ctx, s.Wake)() // which may come late, when Close has given the bell's descriptor back: Wake knows
	return s.reader.read(ctx, wait, fn)
}

// Waiting returns how many bytes of each ring are not read yet. Only the goroutine that reads may call it.
func (s *Sensor) Waiting() (rare, bulk uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, 0
	}
	return s.reader.rare.waiting(), s.reader.bulk.waiting()
}

// Wake makes Read return: the present one, or the next. Any goroutine may call it.
func (s *Sensor) Wake() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if !s.closed && s.reader != nil {
		s.reader.bell.ring()
	}
}

// Close ends Read, detaches and unloads everything and gives the lock back. It may be called twice.
func (s *Sensor) Close() error {
	s.closing.Store(true)
	s.Wake()
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	if s.attacher != nil {
		errs = append(errs, s.attacher.close())
	}
	if s.reader != nil {
		errs = append(errs, s.reader.close())
	}
	if s.programs != nil {
		errs = append(errs, s.programs.close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close sensor: %w", err)
	}
	return nil
}
