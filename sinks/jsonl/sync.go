package jsonl

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// syncer brings what was written to the disk, when it is time.
type syncer struct {
	every time.Duration // syncAlways, syncNever, or how long lines may wait
	mu    *sync.Mutex   // held by whoever calls, and taken by the timer

	waiting *os.File // has lines that are not synced; nil: none
	timer   *time.Timer
	err     error // of the timer's sync
}

// written notes that lines were written to f, and syncs them where they may not wait.
func (s *syncer) written(f *os.File) error {
	switch {
	case s.every == syncNever:
		return nil
	case s.every == syncAlways:
		return syscall.Fdatasync(int(f.Fd()))
	case s.waiting == nil:
		s.waiting = f
		s.timer = time.AfterFunc(s.every, s.expired)
	}
	return nil
}

// expired syncs when the time is over.
func (s *syncer) expired() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = s.now()
}

// now syncs what waits for it.
func (s *syncer) now() error {
	f := s.waiting
	if f == nil {
		return nil
	}
	s.timer.Stop()
	s.waiting = nil
	if err := syscall.Fdatasync(int(f.Fd())); err != nil {
		return fmt.Errorf("sync lines that were written before: %w", err)
	}
	return nil
}

// failed returns the error of a sync that nobody was told of yet.
func (s *syncer) failed() error {
	err := s.err
	s.err = nil
	return err
}

// dir syncs the directory of a file, so that its name outlives a crash of the machine.
func (s *syncer) dir(path string) error {
	if s.every == syncNever {
		return nil
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync a new file's name: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync a new file's name: %w", err)
	}
	return nil
}
