//go:build servers

package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of so many megabytes: root.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("this is not root")
		}
		t.Skip("needs root, to mount a file system")
	}
	dir := t.TempDir()
	if err := unix.Mount("parallax-test", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// fillDisk writes a file that leaves nothing free, and returns its name.
func fillDisk(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "filler")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	return name
}

// A disk that is filled to the last byte by somebody else, at any moment of a write: what was stored stays, what is not stored is
// told, and as soon as there is room the bus goes on.
func TestDiskFullAndFreeAgain(t *testing.T) {
	disk := smallDisk(t, 96)
	cfg := testConfig(t, filepath.Join(disk, "state"))
	cfg.MinFreeBytes, cfg.Timeout = 8<<20, time.Second
	b := openTest(t, cfg)
	stored := make(map[string]uint64)
	store := func(name string) error {
		seq, err := b.Publish(t.Context(), Message{Kind: event.BatchAudit, Source: []string{"c", "a"}, Data: append([]byte(name+" "), noise(20_000)...), Dedupe: true})
		if err == nil {
			stored[name] = seq
		}
		return err
	}
	for round := range 3 {
		for i := range 50 {
			if err := store(fmt.Sprintf("%d-%d", round, i)); err != nil {
				t.Fatal(err)
			}
		}
		if round > 0 { // not only our own care: the server itself meets a full disk
			b.server.disk.reserve = 0
		}
		filler := fillDisk(t, disk)
		for i := range 5 {
			name := fmt.Sprintf("%d-full-%d", round, i)
			if err := store(name); !errors.Is(err, ErrFull) && !errors.Is(err, ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
		b.server.disk.reserve = uint64(cfg.MinFreeBytes)
		if err := store("x"); !errors.Is(err, ErrFull) {
			t.Errorf("with nothing free: %v", err)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for err := errors.New("not tried"); err != nil; {
			if err = store(fmt.Sprintf("%d-again", round)); err != nil && time.Since(began) > time.Minute {
				t.Fatal(err)
			}
		}
		t.Logf("round %d: it goes on %v after there was room", round, time.Since(began).Round(time.Millisecond))
	}
	for _, again := range []string{"while it runs", "started anew"} {
		bodies := bodiesOf(t, b)
		for name, seq := range stored {
			if bodies[name] != seq {
				t.Errorf("%s: %s was stored at %d, and is at %d", again, name, seq, bodies[name])
			}
		}
		if err := b.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		b = openTest(t, cfg)
	}
}
