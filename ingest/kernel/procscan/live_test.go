package procscan

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"golang.org/x/sys/unix"
)

// The scan of the machine itself finds this test and a child of it, as they are.
func TestScanOfThisMachine(t *testing.T) {
	before := bootNs(t)
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	after := bootNs(t)

	found, err := Scan(Config{Host: true})
	if err != nil {
		t.Fatal(err)
	}
	self, child := byPID(found, os.Getpid()), byPID(found, cmd.Process.Pid)
	if self == nil || child == nil {
		t.Fatalf("%d processes, this one and its child not among them", len(found))
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(os.Args, self.Args); diff != "" || self.ExePath != exe {
		t.Errorf("runs %q, want %q: %s", self.ExePath, exe, diff)
	}
	if self.Cred.Euid != uint32(os.Geteuid()) || self.NS.Mnt == 0 || self.Cgroup != 0 {
		t.Errorf("self %+v", self)
	}
	if child.Parent != self.Key || child.StartNs+kernel.TickNs < before || child.StartNs > after {
		t.Errorf("child %+v of %+v, begun between %d and %d", child.Process, self.Key, before, after)
	}
	if diff := cmp.Diff([]string{"sleep", "60"}, child.Args); diff != "" {
		t.Error(diff)
	}
}

func byPID(found []kernel.Found, pid int) *kernel.Found {
	for i := range found {
		if found[i].PID == uint32(pid) {
			return &found[i]
		}
	}
	return nil
}

func bootNs(t *testing.T) uint64 {
	t.Helper()
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		t.Fatal(err)
	}
	return uint64(ts.Nano())
}

func BenchmarkScan(b *testing.B) {
	start, n := time.Now(), 0
	for range b.N {
		found, err := Scan(Config{Host: true})
		if err != nil {
			b.Fatal(err)
		}
		n += len(found)
	}
	b.ReportMetric(float64(time.Since(start).Microseconds())/float64(n), "us/process")
}
