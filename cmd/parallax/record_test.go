package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel/recording"
)

func TestRecordingFile(t *testing.T) {
	a := &app{}
	path := filepath.Join(t.TempDir(), "r.plx")
	for _, force := range []bool{false, true} {
		r, err := a.createRecording(path, force)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Write(stream(t)), r.Close()); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 || info.Size() != r.written.Load() {
			t.Errorf("%v, %v, %d written", info, err, r.written.Load())
		}
	}
	if !recording.Is([]byte(read(t, path))) {
		t.Error("not a recording")
	}
	var status *statusError
	if _, err := a.createRecording(path, false); !errors.As(err, &status) || status.code != exitUsage {
		t.Errorf("a file that is there: %v", err)
	}
	if _, err := a.createRecording(filepath.Join(path, "x"), false); err == nil || !strings.Contains(err.Error(), "open recording: ") {
		t.Errorf("%v", err)
	}
}

// What is recorded is in the file a second later, without anybody's doing.
func TestRecordingIsFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		r, err := (&app{out: &b}).createRecording("-", false)
		if err != nil {
			t.Fatal(err)
		}
		stop := r.keepFlushing()
		defer stop()
		head := r.written.Load()
		if err := r.Write(stream(t)); err != nil || r.written.Load() != head {
			t.Errorf("%v, %d written", err, r.written.Load())
		}
		time.Sleep(flushEvery)
		synctest.Wait()
		if r.written.Load() == head {
			t.Error("not flushed")
		}
	})
}

func TestRecordingThatFails(t *testing.T) {
	if _, err := (&app{out: brokenWriter{errors.New("disk full")}}).createRecording("-", false); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("%v", err)
	}
}

type oneBatch struct{ b *event.Batch }

func (s oneBatch) Next(context.Context) (*event.Batch, error) {
	if s.b.Data == nil {
		return nil, errors.New("over")
	}
	return s.b, nil
}

func TestTeed(t *testing.T) {
	var got [][]byte
	batch := &event.Batch{Data: []byte("frames")}
	s := teed{oneBatch{batch}, func(frames []byte) { got = append(got, frames) }}
	b, err := s.Next(t.Context())
	if err != nil || b != batch {
		t.Errorf("%v, %v", b, err)
	}
	b.Release()
	if _, err := s.Next(t.Context()); err == nil || len(got) != 1 || string(got[0]) != "frames" {
		t.Errorf("%v, %q", err, got)
	}
}
