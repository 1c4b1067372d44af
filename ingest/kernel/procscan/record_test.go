package procscan

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// What /proc tells of a process is what the record of its exec tells.
func TestFoundAsRecorded(t *testing.T) {
	cfg := bpf.DefaultConfig()
	cfg.Host, cfg.LockFile = true, filepath.Join(t.TempDir(), "lock")
	sensor, err := bpf.Load(cfg)
	if errors.Is(err, bpf.ErrNotPermitted) || errors.Is(err, bpf.ErrNoBTF) || errors.Is(err, bpf.ErrUnsupported) {
		if os.Geteuid() == 0 && os.Getenv("CI") != "" {
			t.Fatalf("must not skip here: %v", err)
		}
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer sensor.Close()

	f := func(name string, attr *syscall.SysProcAttr) {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("sleep", "60")
			cmd.SysProcAttr = attr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Wait()
			defer cmd.Process.Kill()
			compare(t, recorded(t, sensor, uint32(cmd.Process.Pid)), scanned(t, uint32(cmd.Process.Pid)))
		})
	}
	f("plain", &syscall.SysProcAttr{Setsid: true})
	f("user", &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12, Gid: 34}})
	f("namespaces", &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{HostID: 1000, Size: 10}}, GidMappings: []syscall.SysProcIDMap{{HostID: 2000, Size: 10}},
	})
}

// recorded is the process as a table knows it by its records.
func recorded(t *testing.T, sensor *bpf.Sensor, pid uint32) *kernel.Process {
	t.Helper()
	table := kernel.NewTable(kernel.TableConfig{})
	var p *kernel.Process
	deadline := time.Now().Add(20 * time.Second)
	for p == nil && time.Now().Before(deadline) {
		_, err := sensor.Read(context.Background(), 10*time.Millisecond, func(b []byte) {
			if h, err := bpf.ParseHead(b); err != nil || h.Pid != pid || bpf.Kind(h.Kind) != bpf.KindExec {
				return
			}
			r, x, err := bpf.ParseExec(bytes.Clone(b))
			if err != nil {
				t.Error(err)
				return
			}
			p = table.Exec(r, x, nil, "").Process
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if p == nil {
		t.Fatalf("no record of the exec of %d", pid)
	}
	return p
}

func scanned(t *testing.T, pid uint32) *kernel.Process {
	t.Helper()
	found, err := Scan(Config{Host: true, Cgroup: mountOf(t, "cgroup2", ""), Memory: mountOf(t, "cgroup", "memory")})
	if err != nil {
		t.Fatal(err)
	}
	f := byPID(found, int(pid))
	if f == nil {
		t.Fatalf("%d is not found", pid)
	}
	return &f.Process
}

// mountOf is where a file system of a kind is mounted, with an option; empty where it is not.
func mountOf(t *testing.T, kind, option string) string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		if f := bytes.Fields(line); len(f) > 3 && string(f[2]) == kind && (option == "" || hasWord(string(f[3]), option)) {
			return string(f[1])
		}
	}
	return ""
}

func compare(t *testing.T, recorded, scanned *kernel.Process) {
	t.Helper()
	if !recorded.Same(scanned.Key) || !recorded.Parent.Same(scanned.Parent) || scanned.StartNs%kernel.TickNs != 0 {
		t.Errorf("recorded as %v of %v, found as %v of %v", recorded.Key, recorded.Parent, scanned.Key, scanned.Parent)
	}
	// What /proc does not tell.
	scanned.Key, scanned.Parent = recorded.Key, recorded.Parent
	scanned.ExecNs, scanned.ExeOrigin = recorded.ExecNs, recorded.ExeOrigin
	scanned.Cred.Securebits = recorded.Cred.Securebits
	if diff := cmp.Diff(recorded, scanned, cmpopts.IgnoreFields(kernel.Process{}, "Session"), cmpopts.IgnoreUnexported(kernel.Program{})); diff != "" {
		t.Errorf("recorded and found: %s", diff)
	}
}
