//go:build live

package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/test/live/box"
)

// TestDoctorIsRight makes, in a container, every call that is watched, and wants a record of each by every hook that doctor says this
// kernel has: on some kernels programs load and attach, and never run.
func TestDoctorIsRight(t *testing.T) {
	told := doctor(t)
	hooks, seen := exerciseHooks(t, bpf.DefaultConfig())
	if got, want := len(told.Hooks), len(hooks); got != want {
		t.Fatalf("doctor tells of %d hooks, there are %d", got, want)
	}
	for i, h := range hooks {
		d := told.Hooks[i]
		t.Logf("%-20s %-10s %3d records %s", d.Name, d.Mechanism, seen[h.Name], d.Reason)
		switch {
		case d.Name != h.Name || d.Mechanism != h.Mechanism:
			t.Errorf("doctor tells of %s by %q, the sensor has %s by %q", d.Name, d.Mechanism, h.Name, h.Mechanism)
		case d.Mechanism != "" && seen[h.Name] == 0:
			t.Errorf("%s is attached by %s and gave nothing", h.Name, h.Mechanism)
		case d.Mechanism == "" && (d.Lost == "" || d.Reason == ""):
			t.Errorf("%s is missing, and doctor does not say why and what is lost: %+v", h.Name, d)
		}
	}
}

// TestWithoutTrampolines does the same with the programs that stand in where a kernel has no trampolines.
func TestWithoutTrampolines(t *testing.T) {
	told := doctor(t)
	cfg := bpf.DefaultConfig()
	cfg.NoTrampolines = true
	hooks, seen := exerciseHooks(t, cfg)
	for i, h := range hooks {
		t.Logf("%-20s %-10s %3d records", h.Name, h.Mechanism, seen[h.Name])
		if h.Mechanism == bpf.MechanismTrampoline || !h.Active() && told.Hooks[i].Mechanism != "" {
			t.Errorf("%s is attached by %q: %v", h.Name, h.Mechanism, h.Err)
		}
		if h.Active() && seen[h.Name] == 0 {
			t.Errorf("%s is attached by %s and gave nothing", h.Name, h.Mechanism)
		}
	}
}

// exerciseHooks loads the programs and makes, in a container, every call that is watched. It returns the hooks, and how many records each
// of them gave, by its name.
func exerciseHooks(t *testing.T, cfg bpf.Config) ([]bpf.Hook, map[string]int) {
	t.Helper()
	l := newLab(t)
	cfg.FailedExecs = true
	cfg.LockFile = filepath.Join(l.dir, "lock")
	s, err := bpf.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	return s.Hooks(), readNames(t, s, func() { l.exerciseAll(t) })
}

// account is what doctor says.
type account struct {
	Ready bool
	Hooks []struct{ Name, Mechanism, Reason, Lost string }
}

func doctor(t *testing.T) *account {
	t.Helper()
	text, err := exec.CommandContext(wait(t), binary(t), "doctor", "--output", "json").Output()
	if err != nil {
		t.Fatalf("doctor: %v: %s", err, text)
	}
	a := &account{}
	if err := json.Unmarshal(text, a); err != nil {
		t.Fatal(err)
	}
	if !a.Ready {
		t.Errorf("doctor says that the sensor cannot run here, and it does: %s", text)
	}
	return a
}

// exerciseAll makes every call that is watched, inside a container.
func (l *lab) exerciseAll(t *testing.T) {
	p := l.start(t, privileged)
	act := func(line string) { p.run(t, append([]string{box.Act}, strings.Fields(line)...)...) }
	act("unshare mnt -- mount none /mnt tmpfs 0 -- umount /mnt 0 -- newmount tmpfs /mnt size=64k -- fspick /mnt -- try setattr /mnt -- " +
		"tree /tmp /volume -- mount none /root tmpfs 0 -- mkdir /root/old -- pivot /root /root/old")
	act("setfsgid 7 -- setfsuid 7 -- setgroups 5 -- setgid 0 -- setregid 0 0 -- setresgid 0 0 0 -- setuid 0 -- setreuid 0 0 -- setresuid 0 0 0 -- dropcap 13")
	act("setns self uts -- ptrace 1")
	act("try exec /none -- try execat /none -- execat /bin/true")
	p.enter(t)
	if err := p.Delete(); err != nil {
		t.Error(err)
	}
}

// enter moves a process of this machine into the container's cgroup, as some runtimes do, and ends it there.
func (p *pod) enter(t *testing.T) {
	t.Helper()
	cmd := exec.Command(busybox(t), "sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	procs := filepath.Join(p.Hierarchies().V2, p.CgroupsPath, "cgroup.procs")
	if err := os.WriteFile(procs, []byte(strconv.Itoa(cmd.Process.Pid)), 0); err != nil {
		t.Error(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
}

// readNames reads records while f runs, and what there is when it has ended, and counts them by the name of their hook.
func readNames(t *testing.T, s *bpf.Sensor, f func()) map[string]int {
	ctx, cancel := context.WithCancel(t.Context())
	seen := map[string]int{}
	read := func(record []byte) {
		name, err := hookName(record)
		if err != nil {
			t.Error(err)
			return
		}
		seen[name]++
	}
	done := make(chan error)
	go func() {
		for {
			if _, err := s.Read(ctx, time.Second, read); err != nil {
				done <- err
				return
			}
		}
	}()
	f()
	cancel()
	s.Wake()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	for n := 1; n > 0; {
		var err error
		if n, err = s.Read(t.Context(), time.Millisecond, read); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

// hookName returns the name of the hook that a record comes from.
func hookName(record []byte) (string, error) {
	h, err := bpf.ParseHead(record)
	if err != nil {
		return "", err
	}
	var op uint32
	switch k := bpf.Kind(h.Kind); k {
	case bpf.KindExec:
		e, _, err := bpf.ParseExec(record)
		if err != nil || e.Ret == 0 {
			return "exec", err
		}
		return []string{"failed execve", "failed execveat"}[e.Execveat], nil
	case bpf.KindFork:
		return "fork", nil
	case bpf.KindExit:
		return "exit", nil
	case bpf.KindPtrace:
		return "ptrace", nil
	case bpf.KindMount:
		m, _, err := bpf.ParseMount(record)
		if err != nil {
			return "", err
		}
		op = m.Op
	case bpf.KindCreds:
		c, err := bpf.ParseCreds(record)
		if err != nil {
			return "", err
		}
		op = c.Op
	case bpf.KindNS:
		n, err := bpf.ParseNSOp(record)
		if err != nil {
			return "", err
		}
		op = n.Op
	case bpf.KindCgroup:
		c, _, err := bpf.ParseCgroup(record)
		if err != nil {
			return "", err
		}
		op = c.Op
	}
	names := callNames(bpf.Kind(h.Kind))
	if int(op) >= len(names) {
		return "", fmt.Errorf("record of kind %d tells of the unknown call %d", h.Kind, op)
	}
	return names[op], nil
}

// callNames are the calls that records of a kind tell of, by number (enum mount_op and its kin).
func callNames(k bpf.Kind) []string {
	return map[bpf.Kind][]string{
		bpf.KindMount:  {1: "mount", "umount2", "fsopen", "fsconfig", "fsmount", "move_mount", "open_tree", "mount_setattr", "pivot_root", "fspick"},
		bpf.KindCreds:  {1: "setuid", "setreuid", "setresuid", "setfsuid", "setgid", "setregid", "setresgid", "setfsgid", "setgroups", "capset"},
		bpf.KindNS:     {1: "setns", "unshare"},
		bpf.KindCgroup: {1: "cgroup_mkdir", "cgroup_rmdir", "cgroup_attach_task"},
	}[k]
}
