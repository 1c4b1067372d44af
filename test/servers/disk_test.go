//go:build servers

package servers

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// smallDisk mounts a file system of so many megabytes.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("parallax-test", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill writes a file that leaves so many megabytes of a disk free, and returns its name.
func fill(t *testing.T, dir string, leave uint64) string {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	chunk := make([]byte, 64<<10)
	for left := int64(s.Bavail)*s.Bsize - int64(leave<<20); left > 0 || leave == 0; left -= int64(len(chunk)) {
		if _, err := f.Write(chunk); err != nil { // the disk is full, which may be what is wanted
			break
		}
	}
	return name
}

// refused checks that a body is not taken, and that it is said so at once and with a time to come again.
func refused(t *testing.T, s *rig.Sender, body []byte) {
	t.Helper()
	began := time.Now()
	answer, err := s.Do(within(t, 10*time.Second), body)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || took > 2*time.Second {
		t.Errorf("answer %d, Retry-After %q after %v: want 503 with one, at once", answer.StatusCode, answer.Header.Get("Retry-After"), took)
	}
}

// A disk that has less room than is kept free: nothing more is taken until there is room again.
func TestDiskAlmostFull(t *testing.T) {
	needRoot(t)
	s := rig.NewStation(t, keep)
	disk := smallDisk(t, 300)
	s.Data = filepath.Join(disk, "state")
	sender := s.Sender(t)
	p := s.Start(t).MustBeReady(t)
	log := recent(0, 300)
	sender.SendAll(within(t, 20*time.Second), t, bodies(log[:100], 10))
	filler := fill(t, disk, 100)
	for i := range 3 {
		refused(t, sender, rig.List(log[100+i:101+i]))
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	sender.SendAll(within(t, 20*time.Second), t, bodies(log[100:], 10))
	p.MustStop(t)
	s.Check(t, log)
}

// A disk that somebody else fills to the last byte while events come in. The program goes on by itself as soon as there is room.
func TestDiskFull(t *testing.T) {
	needRoot(t)
	s := rig.NewStation(t, keep)
	disk := smallDisk(t, 300)
	s.Data = filepath.Join(disk, "state")
	sender := s.Sender(t)
	p := s.Start(t).MustBeReady(t)
	log := recent(0, 20_000)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		sender.SendAll(within(t, time.Minute), t, bodies(log, 10))
	}()
	until(t, 10*time.Second, "events come in", func() bool { return rig.Count(t, s.Alerts) > 1000 })
	filler := fill(t, disk, 0)
	refused(t, sender, rig.List(log[:1]))
	time.Sleep(3 * time.Second) // in which the server inside may break
	refused(t, sender, rig.List(log[:1]))
	select {
	case <-sent:
		t.Fatal("everything was taken before the disk was full")
	default:
	}
	t.Logf("%d alerts are written while the disk is full", rig.Count(t, s.Alerts))
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	<-sent
	t.Logf("all taken %v after there was room", time.Since(began))
	p.MustStop(t)
	s.Check(t, log)
}

// The disk that alerts are written to is full: they wait, through a restart, and are written when there is room.
func TestOutputDiskFull(t *testing.T) {
	needRoot(t)
	s := rig.NewStation(t, keep)
	disk := smallDisk(t, 1)
	s.Alerts = filepath.Join(disk, "alerts.jsonl")
	sender := s.Sender(t)
	log := recent(0, 3000)
	p := s.Start(t).MustBeReady(t)
	sender.SendAll(within(t, time.Minute), t, bodies(log[:2000], 50))
	full := rig.Count(t, s.Alerts)
	if full == 0 || full >= 2000 {
		t.Errorf("%d of 2000 alerts on a disk with room for some", full)
	}
	p.Kill()
	p = s.Start(t).MustBeReady(t)
	sender.SendAll(within(t, time.Minute), t, bodies(log[2000:], 50))
	if err := syscall.Mount("parallax-test", disk, "tmpfs", syscall.MS_REMOUNT, "size=100m"); err != nil {
		t.Fatal(err)
	}
	until(t, 40*time.Second, "all alerts are written", func() bool { return rig.Count(t, s.Alerts) >= len(log) })
	p.MustStop(t)
	s.Check(t, log)
}

// The stream has all that it may have: API servers are told to come again. It goes on with more room.
func TestStreamFull(t *testing.T) {
	s := rig.NewStation(t, keep)
	sender := s.Sender(t)
	size := func(bytes string) string {
		file := filepath.Join(t.TempDir(), "parallax.yaml")
		if err := os.WriteFile(file, []byte("bus: {maxBytes: "+bytes+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	p := s.Start(t, "--config", size("16MiB")).MustBeReady(t)
	log := make([]rig.Event, 40)
	for i := range log {
		log[i] = rig.Large(i, time.Now().Add(-time.Minute).Add(time.Duration(i)*time.Millisecond), 1<<20, rand.NewChaCha8([32]byte{byte(i)}))
	}
	taken := 0
	for ; taken < len(log); taken++ {
		answer, err := sender.Do(within(t, 10*time.Second), rig.List(log[taken:taken+1]))
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusOK {
			break
		}
	}
	t.Logf("%d events of 1 MiB in 16 MiB", taken)
	for range 3 {
		refused(t, sender, rig.List(log[taken:taken+1]))
	}
	until(t, 10*time.Second, "all that was taken is judged", func() bool { return rig.Count(t, s.Alerts) >= taken })
	p.MustStop(t)
	s.Check(t, log[:taken])
	p = s.Start(t, "--config", size("256MiB")).MustBeReady(t)
	sender.SendAll(within(t, time.Minute), t, bodies(log[taken:], 1))
	p.MustStop(t)
	s.Check(t, log)
}

// bodies cuts events into bodies of so many, in their order.
func bodies(events []rig.Event, size int) (out [][]byte) {
	for len(events) > 0 {
		n := min(size, len(events))
		out = append(out, rig.List(events[:n]))
		events = events[n:]
	}
	return out
}
