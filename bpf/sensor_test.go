package bpf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cilium/ebpf"
)

// testConfig returns settings for a sensor beside others: it has a lock of its own.
func testConfig(t testing.TB) Config {
	cfg := DefaultConfig()
	cfg.LockFile = filepath.Join(t.TempDir(), "sensor.lock")
	return cfg
}

func mustLoad(t testing.TB, cfg Config) *Sensor {
	t.Helper()
	needsRoot(t)
	s, err := Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, s) })
	return s
}

func mustClose(t testing.TB, s *Sensor) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// readUntil reads until seen says that it has what it wants.
func readUntil(t testing.TB, s *Sensor, seen func(h *Head) bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for done := false; !done; {
		if time.Now().After(deadline) {
			lost, err := s.Lost()
			t.Fatalf("not seen; lost: %v, %v", lost, err)
		}
		_, err := s.Read(t.Context(), time.Second, func(b []byte) {
			h, err := ParseHead(b)
			if err != nil {
				t.Error(err)
				return
			}
			done = done || seen(h)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSensorSeesAProcess(t *testing.T) {
	cfg := testConfig(t)
	cfg.Host = true
	s := mustLoad(t, cfg)
	pid := runProcess(t)
	var kinds []Kind
	readUntil(t, s, func(h *Head) bool {
		if h.Pid == pid {
			kinds = append(kinds, Kind(h.Kind))
		}
		return h.Pid == pid && Kind(h.Kind) == KindExit
	})
	if len(kinds) != 3 || kinds[0] != KindFork || kinds[1] != KindExec {
		t.Errorf("kinds %v, want fork, exec, exit", kinds)
	}
}

func TestSensorIsSilentAboutTheHost(t *testing.T) {
	s := mustLoad(t, testConfig(t))
	pid := runProcess(t)
	_, err := s.Read(t.Context(), 20*time.Millisecond, func(b []byte) {
		if h, err := ParseHead(b); err != nil || h.Pid == pid {
			t.Errorf("%+v, %v", h, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMountNamespaceBringsIntoScope(t *testing.T) {
	s := mustLoad(t, testConfig(t))
	cmd := child("exec")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	inum := mountNS(t, cmd.Process.Pid)
	if err := s.AddMountNS(inum); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	readUntil(t, s, func(h *Head) bool { return h.Ns.Mnt == inum && Kind(h.Kind) == KindExec && h.Flags&FlagScopeMntNS != 0 })
	for range 2 {
		if err := s.RemoveMountNS(inum); err != nil {
			t.Error(err)
		}
	}
}

// A runtime that executes itself in the container's cgroup, but not yet in its namespaces, has not brought anybody in (runc, which may
// have been moved there before, or made there); what it starts has a mount namespace of its own, or is a child of it.
func TestRuntimeOnItsWayIsNoEntry(t *testing.T) {
	s := mustLoad(t, testConfig(t))
	folder, id := newCgroup(t)
	if err := s.AddCgroup(id); err != nil {
		t.Fatal(err)
	}
	start := func(cloneflags uintptr) uint32 {
		cmd := exec.Command("/bin/sh", "-c", "/bin/true; :")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: cloneflags, UseCgroupFD: true, CgroupFD: folder}
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		return uint32(cmd.Process.Pid)
	}
	runtime, entry := start(0), start(syscall.CLONE_NEWNS)
	names := map[uint32]string{runtime: "runtime", entry: "container"}
	var got []string
	readUntil(t, s, func(h *Head) bool {
		if h.Cgroup == id && Kind(h.Kind) == KindExec {
			got = append(got, fmt.Sprintf("%s<%s entry %v", names[h.Pid], names[h.Ppid], h.Flags&FlagEntry != 0))
		}
		return h.Pid == entry && Kind(h.Kind) == KindExit
	})
	want := []string{"<runtime entry true", "container< entry true", "<container entry false"}
	if !slices.Equal(got, want) {
		t.Errorf("programs %q, want %q", got, want)
	}
}

// newCgroup makes a cgroup, which is gone after the test, and returns its folder and its id.
func newCgroup(t testing.TB) (fd int, id uint64) {
	t.Helper()
	mount := "/sys/fs/cgroup"
	if _, err := os.Stat(mount + "/unified"); err == nil {
		mount += "/unified"
	}
	path := fmt.Sprintf("%s/parallax-test-%d", mount, os.Getpid())
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Remove(path) })
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	return fd, st.Ino
}

// An exec gives the thread the number of its process: what was remembered of its call is not to be found under that.
func TestExecByAThreadLeavesNoCallBehind(t *testing.T) {
	cfg := testConfig(t)
	cfg.Host, cfg.FailedExecs = true, true
	s := mustLoad(t, cfg)
	cmd := child("exec-thread")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	var id uint64
	var call []byte
	for calls := s.programs.maps["calls"].Iterate(); calls.Next(&id, &call); {
		if int(id>>32) == cmd.Process.Pid {
			t.Errorf("the call of thread %d of process %d is still remembered", uint32(id), id>>32)
		}
	}
}

func TestLostRecordsAreCounted(t *testing.T) {
	cfg := testConfig(t)
	cfg.Host, cfg.BulkBytes = true, minRingBytes
	s := mustLoad(t, cfg)
	for range 100 { // each gives at least 600 bytes
		runProcess(t)
	}
	lost, err := s.Lost()
	if err != nil {
		t.Fatal(err)
	}
	var n uint64
	for _, l := range lost {
		if l.Reason == "bulk_full" {
			n += l.N
		}
	}
	if n == 0 {
		t.Errorf("lost %v", lost)
	}
}

// A folder that a container makes, and for which there is no room, is not passed over in silence.
func TestFullTableOfCgroupsIsCounted(t *testing.T) {
	s := mustLoad(t, testConfig(t))
	folder, id := newCgroup(t)
	below := fmt.Sprintf("/proc/self/fd/%d/below", folder)
	full := func() (n uint64) {
		t.Helper()
		if err := os.Mkdir(below, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(below); err != nil {
			t.Fatal(err)
		}
		lost, err := s.Lost()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lost {
			if l.Reason == "cgroups_full" {
				n += l.N
			}
		}
		return n
	}
	if err := s.AddCgroup(id); err != nil {
		t.Fatal(err)
	}
	if n := full(); n != 0 {
		t.Errorf("%d are lost while there is room", n)
	}
	for i := range uint64(s.programs.maps[mapCgroups].MaxEntries() - 1) {
		if err := s.AddCgroup(1<<62 + i); err != nil {
			t.Fatal(err)
		}
	}
	if n := full(); n != 1 {
		t.Errorf("%d are lost, want 1", n)
	}
}

// What a container makes while the sensor is loaded and attached did not come into it.
func TestStartOnABusyContainer(t *testing.T) {
	needsRoot(t)
	busy := child("busy")
	busy.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	in, err := busy.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := busy.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	if said := readLine(t, out); said != "busy\n" {
		t.Fatalf("said %q", said)
	}
	s := mustLoad(t, testConfig(t))
	seen := 0
	readUntil(t, s, func(h *Head) bool {
		if h.Kind == uint8(KindExec) && h.Ppid == uint32(busy.Process.Pid) {
			if seen++; h.Flags&FlagEntry != 0 {
				t.Errorf("process %d came out as an entry", h.Pid)
			}
		}
		return seen == 10
	})
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := busy.Wait(); err != nil {
		t.Error(err)
	}
}

func TestSecondSensorIsRefused(t *testing.T) {
	cfg := testConfig(t)
	first := mustLoad(t, cfg)
	if _, err := Load(cfg); !errors.Is(err, ErrLocked) {
		t.Errorf("second: %v", err)
	}
	mustClose(t, first)
	mustClose(t, mustLoad(t, cfg))
}

func TestCloseLeavesNothing(t *testing.T) {
	needsRoot(t)
	cfg := testConfig(t)
	cfg.FailedExecs = true
	mustClose(t, mustLoad(t, cfg)) // what the library keeps for ever comes with the first
	before := files(t)
	for range 3 {
		s := mustLoad(t, cfg)
		id, err := s.mapID()
		if err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		mustClose(t, s)
		gone(t, id)
	}
	if after := files(t); after != before {
		t.Errorf("open files before:\n%s\nafter:\n%s", before, after)
	}
}

func TestClosedSensorSaysSo(t *testing.T) {
	s := mustLoad(t, testConfig(t))
	mustClose(t, s)
	s.Wake()
	_, errRead := s.Read(t.Context(), 0, nil)
	_, errLost := s.Lost()
	for _, err := range []error{errRead, errLost, s.AddCgroup(1), s.RemoveCgroup(1), s.AddMountNS(1), s.RemoveMountNS(1)} {
		if !errors.Is(err, errClosed) {
			t.Error(err)
		}
	}
}

// files lists what this process has open, but for pipes and the like, whose names change.
func files(t testing.TB) string {
	t.Helper()
	dir, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range dir {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && !strings.HasSuffix(name, "/fd") {
			names = append(names, name)
		}
	}
	return strings.Join(names, "\n")
}

func TestCloseEndsRead(t *testing.T) {
	s := mustLoad(t, testConfig(t))
	done := make(chan error)
	go func() {
		for {
			if _, err := s.Read(t.Context(), never, func([]byte) {}); err != nil {
				done <- err
				return
			}
		}
	}()
	mustClose(t, s)
	if err := <-done; !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

// What is done while a record is handed out must not wait for Close, which waits for Read.
func TestCloseDuringRead(t *testing.T) {
	cfg := testConfig(t)
	cfg.Host = true
	s := mustLoad(t, cfg)
	runProcess(t)
	closed := make(chan error, 1)
	_, err := s.Read(t.Context(), never, func([]byte) {
		if s.closing.Load() {
			return
		}
		go func() { closed <- s.Close() }()
		for !s.closing.Load() {
			runtime.Gosched()
		}
		if err := s.AddCgroup(1); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// Whatever ends the process, the kernel takes the programs away.
func TestKillLeavesNothingAttached(t *testing.T) {
	needsRoot(t)
	cmd := child("sensor")
	cmd.Env = append(cmd.Env, "LOCK="+testConfig(t).LockFile)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var id ebpf.MapID
	if _, err := fmt.Sscanf(readLine(t, out), "loaded %d", &id); err != nil {
		t.Fatal(err)
	}
	if n := programsOf(t, id); n < 5 {
		t.Errorf("%d programs while it runs", n)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // says that it was killed
	gone(t, id)
}

// mapID returns the id of a map that all programs use. As long as one of them is there, so is the map.
func (s *Sensor) mapID() (ebpf.MapID, error) {
	info, err := s.programs.maps[mapLost].Info()
	if err != nil {
		return 0, err
	}
	id, ok := info.ID()
	if !ok {
		return 0, errors.New("maps have no ids here")
	}
	return id, nil
}

// programsOf counts the loaded programs that use a map.
func programsOf(t testing.TB, id ebpf.MapID) (n int) {
	t.Helper()
	for prog := ebpf.ProgramID(0); ; {
		next, err := ebpf.ProgramGetNextID(prog)
		if errors.Is(err, os.ErrNotExist) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		if prog = next; usesMap(prog, id) {
			n++
		}
	}
}

// usesMap tells whether a program uses a map. A program that has just gone uses none.
func usesMap(prog ebpf.ProgramID, id ebpf.MapID) bool {
	p, err := ebpf.NewProgramFromID(prog)
	if err != nil {
		return false
	}
	defer p.Close()
	info, err := p.Info()
	if err != nil {
		return false
	}
	ids, _ := info.MapIDs()
	return slices.Contains(ids, id)
}

// gone waits until the map is gone, which the kernel does a moment after its last user.
func gone(t testing.TB, id ebpf.MapID) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		m, err := ebpf.NewMapFromID(id)
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		m.Close()
		if time.Now().After(deadline) {
			t.Fatalf("map %d is still there, and %d programs use it", id, programsOf(t, id))
		}
		runtime.Gosched()
	}
}

func readLine(t testing.TB, r io.Reader) string {
	t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return line
}

// mountNS returns the inode number of a process's mount namespace.
func mountNS(t testing.TB, pid int) (inum uint32) {
	t.Helper()
	name, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/mnt", pid))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(name, "mnt:[%d]", &inum); err != nil {
		t.Fatalf("%q: %v", name, err)
	}
	return inum
}
