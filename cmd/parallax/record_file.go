package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel/recording"
)

// recordingFile is a recording that is being written.
type recordingFile struct {
	*recording.Writer
	file    io.WriteCloser
	written atomic.Int64 // bytes that the operating system has taken
}

// createRecording begins a recording in a file of this name, or on standard output where the name is -.
func (a *app) createRecording(name string, force bool) (*recordingFile, error) {
	r := &recordingFile{file: keepOpen{a.out}}
	if name != "-" {
		how := os.O_EXCL
		if force {
			how = os.O_TRUNC
		}
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|how, 0o600) // it tells much about a node
		if errors.Is(err, os.ErrExist) {
			return nil, errThere(name)
		}
		if err != nil {
			return nil, fmt.Errorf("open recording: %w", err)
		}
		r.file = file
	}
	var err error
	if r.Writer, err = recording.NewWriter(writerFunc(r.write)); err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	return r, nil
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (r *recordingFile) write(b []byte) (int, error) {
	n, err := r.file.Write(b)
	r.written.Add(int64(n))
	return n, err
}

// flushEvery is how much of a recording is lost at most when the program is killed.
const flushEvery = time.Second

// keepFlushing flushes each second until stop is called. Errors come back from Write and Close.
func (r *recordingFile) keepFlushing() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(flushEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = r.Flush()
			case <-ctx.Done():
				return
			}
		}
	})
	return func() error {
		cancel()
		running.Wait()
		return nil
	}
}

// Close writes what has not been written and closes the file.
func (r *recordingFile) Close() error {
	err := r.Flush()
	if errClose := r.file.Close(); errClose != nil {
		err = errors.Join(err, fmt.Errorf("close recording: %w", errClose))
	}
	return err
}
