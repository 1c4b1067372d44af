package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel"
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

// stream is the frames of a stream that begins.
func stream(t *testing.T) []byte {
	t.Helper()
	frames, err := kernel.AppendFact(nil, &kernel.Fact{Start: &kernel.Start{Node: "node-1", BootID: "boot", OffsetNs: 1}})
	if err != nil {
		t.Fatal(err)
	}
	lost, err := kernel.AppendFact(frames, &kernel.Fact{Lost: &kernel.Lost{BootNs: 1, Reason: "bulk_full", N: 3}})
	if err != nil {
		t.Fatal(err)
	}
	return lost
}
