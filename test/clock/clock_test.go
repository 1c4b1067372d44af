//go:build live

package clock

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/test/rig"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// trial is the program at work on a machine whose clock jumps. Events come over HTTPS and in a log that it follows.
type trial struct {
	*rig.Station
	process *rig.Process
	sender  *rig.Sender
	file    string // the log
	begin   time.Time
	log     []rig.Event
}

// Whatever the clock does, nothing is lost, nothing comes twice, and nothing waits for the time to come back.
func TestClockJumps(t *testing.T) {
	if os.Getenv("PARALLAX_GUEST") == "" {
		t.Skip("sets the clock: it is for a virtual machine (make test-clock)")
	}
	loopback(t)
	tr := newTrial(t)
	for _, jump := range []time.Duration{3 * time.Hour, -3 * time.Hour, 40 * day, -80 * day, 40 * day, 100 * year, -100 * year, -20 * year, 20 * year} {
		tr.some(t)
		set(t, jump)
		tr.some(t)
		tr.arrive(t, jump)
	}
	for _, jump := range []time.Duration{3 * time.Hour, -3 * time.Hour, 300 * day, -300 * day} {
		tr.some(t)
		tr.process.Kill()
		set(t, jump)
		tr.start(t)
		tr.some(t)
		tr.arrive(t, jump)
	}
	tr.waiting(t)
	set(t, 100*year) // no certificate is good then: the log has to do
	tr.process.Kill()
	tr.start(t)
	tr.toLog(t)
	tr.arrive(t, 100*year)
	set(t, -100*year)
	tr.some(t)
	tr.arrive(t, -100*year)
	tr.process.MustStop(t)
	tr.Check(t, tr.log)
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	tr := &trial{Station: rig.NewStation(t, t.TempDir()), file: filepath.Join(t.TempDir(), "audit.log"), begin: time.Now().Add(-time.Minute)}
	if err := os.WriteFile(tr.file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tr.Alerts = filepath.Join(t.TempDir(), "out", "alerts.jsonl")
	if err := os.Mkdir(filepath.Dir(tr.Alerts), 0o700); err != nil {
		t.Fatal(err)
	}
	tr.sender = tr.Sender(t)
	tr.start(t)
	return tr
}

// trimmed is longer than what lies between two times that the program removes what it needs no more.
const trimmed = 65 * time.Second

// waiting has alerts wait for their file for a century.
func (tr *trial) waiting(t *testing.T) {
	t.Helper()
	out := filepath.Dir(tr.Alerts)
	if err := os.Rename(out, out+".away"); err != nil {
		t.Fatal(err)
	}
	tr.some(t)
	set(t, 100*year)
	time.Sleep(trimmed)
	set(t, -100*year)
	tr.some(t)
	if err := os.Rename(out+".away", out); err != nil {
		t.Fatal(err)
	}
	tr.arrive(t, 0)
}

func (tr *trial) start(t *testing.T) {
	t.Helper()
	tr.process = tr.Start(t, "--tail", tr.file).MustBeReady(t)
}

// some has events taken both ways. Each is an alert.
func (tr *trial) some(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for range 3 {
		if err := tr.sender.Send(ctx, rig.List(tr.next(10))); err != nil {
			t.Fatalf("%v\n%s", err, tr.process.Said())
		}
	}
	tr.toLog(t)
}

func (tr *trial) toLog(t *testing.T) {
	t.Helper()
	f, err := os.OpenFile(tr.file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(rig.Log(tr.next(10))); err != nil {
		t.Fatal(err)
	}
}

func (tr *trial) next(n int) []rig.Event {
	some := rig.Execs(len(tr.log), n, tr.begin, time.Millisecond)
	tr.log = append(tr.log, some...)
	return some
}

// arrive waits until all that came in has been given out.
func (tr *trial) arrive(t *testing.T, jump time.Duration) {
	t.Helper()
	began := time.Now() // its monotonic reading does not jump
	for rig.Count(t, tr.Alerts) < len(tr.log) {
		if time.Since(began) > 60*time.Second {
			t.Fatalf("%d of %d alerts a minute after the clock jumped by %v\n%s", rig.Count(t, tr.Alerts), len(tr.log), jump, tr.process.Said())
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Logf("clock %v: all is given out after %v", jump, time.Since(began).Round(100*time.Millisecond))
}

// set moves the clock.
func set(t *testing.T, by time.Duration) {
	t.Helper()
	to := unix.NsecToTimeval(time.Now().Add(by).UnixNano())
	if err := unix.Settimeofday(&to); err != nil {
		t.Fatal(err)
	}
}

// loopback sets the machine's own network up, which nobody else has.
func loopback(t *testing.T) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		t.Fatal(err)
	}
}
