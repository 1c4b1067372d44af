package daemon

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

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

func TestKeeper(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.json")
	k := &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: path}}
	kept := func() bool {
		k.finish()
		return os.Remove(path) == nil
	}
	if kept() {
		t.Error("kept before there was a stream")
	}
	k.Decode(&event.Batch{Line: 1, Data: stream(t)}, func(event.Event) {}, func(f event.Fault) { t.Error(f) })
	if !kept() {
		t.Error("not kept after an event")
	}
	if kept() {
		t.Error("kept though nothing happened")
	}
}

// Keeping costs a small part of the time, and nobody waits for the file.
func TestKeeperRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: filepath.Join(t.TempDir(), "sessions.json")}}
		k.Decode(&event.Batch{Line: 1, Data: stream(t)}, func(event.Event) {}, func(f event.Fault) { t.Error(f) })
		begins := func() bool {
			k.keep()
			return !k.changed
		}
		k.saving = make(chan saved, 1) // as if one went on
		if begins() {
			t.Error("two at once")
		}
		k.saving <- saved{took: time.Second}
		if begins() {
			t.Error("no rest")
		}
		time.Sleep(keepRest*time.Second + 1)
		if !begins() {
			t.Error("not after the rest")
		}
		k.finish()
	})
}

func TestKeeperThatCannotKeep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	told := 0
	k := &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: filepath.Join(file, "x")}, failed: func(error) { told++ }}
	for range 2 {
		k.Decode(&event.Batch{Data: stream(t)}, func(event.Event) {}, func(event.Fault) {})
		k.finish()
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}
