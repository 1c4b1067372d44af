package sensor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
)

func (b *bench) want(got []string, want ...string) {
	b.t.Helper()
	if diff := cmp.Diff(strings.Join(want, " "), strings.Join(got, " ")); diff != "" {
		b.t.Error(diff)
	}
}

// named makes the runtime's files be there after some tries in vain, each of which takes a while.
func named(tries int, takes time.Duration) func(*bench) {
	return func(b *bench) {
		var mu sync.Mutex
		asked := map[string]int{}
		b.node.Describe = func(c *kernel.Container, _ uint32) bool {
			time.Sleep(takes)
			mu.Lock()
			defer mu.Unlock()
			asked[c.ID]++
			c.Pod = "web"
			return asked[c.ID] > tries
		}
	}
}

const entry = bpf.FlagEntry

func TestStreamOfAHost(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		b.want(b.next(), "start")
		b.reader.put(execRecord(hostCgroup, 7, 0), execRecord(hostCgroup, 8, 0))
		b.want(b.next(), "exec:1:7", "exec:1:8")
		b.want(b.next(), "beat")
		b.Stop()
		b.Stop()
		b.want(b.next(), "beat")
		b.want(b.next(), "end")
		b.want(b.next(), "end")
	})
}

func TestStart(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		var start *kernel.Start
		b.cfg.Ready = func(s *kernel.Start) { start = s }
		b.next()
		if start.Node != "node-1" || start.BootID == "" || start.Epoch == 0 || start.OffsetNs == 0 || start.HostNS.NS.Mnt != hostMnt || start.Kernel == "" {
			t.Errorf("%+v", start)
		}
		want := []kernel.Hook{{Name: "exec", Mechanism: "tp_btf"}, {Name: "mount", Missing: "mounts"}}
		if diff := cmp.Diff(want, start.Hooks); diff != "" {
			t.Error(diff)
		}
	})
}

// The names of a container are there before its first program; the kernel is told what is its.
func TestNamesComeBeforeTheFirstEvent(t *testing.T) {
	onBench(t, named(0, time.Millisecond), func(b *bench) {
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID), execRecord(5, 70, entry), execRecord(hostCgroup, 8, 0), execRecord(5, 71, 0))
		b.want(b.next(), "container:aaa", "cgroup:1:5", "exec:1:8")
		b.want(b.next(), "container:aaa:web", "exec:5:70", "exec:5:71")
		b.reader.put(execRecord(5, 72, 0))
		b.want(b.next(), "exec:5:72")
		b.want(b.reader.scope, "+cgroup 5", "+mntns 1005")
		if s := b.Stats(); s.Held != 2 || s.Nameless != 0 || s.Containers != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// Files that come late are waited for, and other containers go on.
func TestHold(t *testing.T) {
	onBench(t, named(3, time.Millisecond), func(b *bench) {
		b.next()
		began := time.Now()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID), execRecord(5, 70, 0))
		b.want(b.next(), "container:aaa", "cgroup:1:5")
		b.reader.put(execRecord(hostCgroup, 8, 0), execRecord(5, 71, 0))
		b.want(b.next(), "exec:1:8")
		b.reader.put(execRecord(5, 72, 0))
		b.want(b.next(), "container:aaa:web", "exec:5:70", "exec:5:71", "exec:5:72")
		if took := time.Since(began); took > 50*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

// After the time to wait records go out without names, and those that come then do not wait.
func TestHoldEnds(t *testing.T) {
	onBench(t, named(9, 0), func(b *bench) {
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID))
		b.want(b.next(), "container:aaa", "cgroup:1:5")
		began := time.Now()
		b.reader.put(execRecord(5, 70, 0), execRecord(5, 71, 0))
		b.want(b.next(), "exec:5:70", "exec:5:71")
		if took := time.Since(began); took != b.cfg.Hold {
			t.Errorf("took %s", took)
		}
		b.reader.put(execRecord(5, 72, 0))
		b.want(b.next(), "exec:5:72")
		b.want(b.next(), "container:aaa:web") // the runtime was slow
		if s := b.Stats(); s.Nameless != 1 || s.HeldNow != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A lookup that never ends stops neither the others nor the end.
func TestLookupThatNeverEnds(t *testing.T) {
	var forever chan struct{}
	onBench(t, func(b *bench) {
		named(0, 0)(b)
		forever = make(chan struct{})
		b.node.Users = func(c *kernel.Container, pid uint32) (*kernel.Users, bool) {
			if c != nil && c.ID == containerID {
				<-forever
			}
			return &kernel.Users{ContainerID: otherID, Users: map[uint32]string{0: "root"}}, c != nil
		}
	}, func(b *bench) {
		defer func() { close(forever) }()
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID))
		b.until("container:aaa:web")
		b.reader.put(cgroupRecord(1, 6, podPath+otherID))
		b.until("container:bbb:web")
		b.reader.put(execRecord(5, 70, entry), execRecord(6, 80, entry))
		b.want(b.next(), "users:bbb", "exec:6:80")
		b.want(b.next(), "exec:5:70")
		if s := b.Stats(); s.Stuck != 1 || s.Nameless != 1 {
			t.Errorf("%+v", s)
		}
		b.Stop()
		b.until("end")
	})
}

// A beat does not speak for what is held.
func TestBeatWhileRecordsAreHeld(t *testing.T) {
	onBench(t, named(99, 0), func(b *bench) {
		b.cfg.Hold = time.Minute
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID))
		b.next()
		held := b.clock.Boot()
		b.reader.put(execRecord(5, 70, 0))
		batch, err := b.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, body, _, err := kernel.NextFrame(batch.Data); err != nil || !strings.Contains(string(body), fmt.Sprintf(`"beat":{"boot":%d,`, held)) {
			t.Errorf("%v: %s", err, body)
		}
	})
}

func TestNoRoomToHold(t *testing.T) {
	onBench(t, named(9, 0), func(b *bench) {
		b.cfg.HoldBytes = 1000
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID), execRecord(5, 70, 0), execRecord(5, 71, 0), execRecord(5, 72, 0), execRecord(5, 73, 0))
		b.want(b.next(), "container:aaa", "cgroup:1:5", "exec:5:70", "exec:5:71", "exec:5:72", "exec:5:73")
		if s := b.Stats(); s.HoldFull != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestStopGivesOutWhatWaits(t *testing.T) {
	onBench(t, named(9, 0), func(b *bench) {
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID), execRecord(5, 70, 0))
		b.want(b.next(), "container:aaa", "cgroup:1:5")
		b.reader.put(execRecord(5, 71, 0))
		b.reader.lost = []bpf.Lost{{CPU: 1, Reason: "bulk_full", N: 3}}
		b.Stop()
		b.want(b.until("end"), "exec:5:70", "exec:5:71", "lost:bulk_full:1:3", "beat", "end")
	})
}

// A flood does not keep the stream from ending.
func TestStopInAFlood(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		b.next()
		b.Stop()
		for range 20 {
			time.Sleep(time.Nanosecond)
			b.reader.put(execRecord(hostCgroup, 7, 0))
			if b.next()[0] == "end" {
				return
			}
		}
		t.Error("it goes on")
	})
}

func TestTick(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		began, ticks := time.Now(), 0
		b.cfg.Tick = func() { ticks++ }
		b.next()
		b.want(b.next(), "beat")
		if seconds := int(time.Since(began) / time.Second); ticks < seconds-1 || ticks > seconds {
			t.Errorf("%d ticks in %d seconds", ticks, seconds)
		}
	})
}

func TestLosses(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		b.reader.lost = []bpf.Lost{{CPU: 0, Reason: "rare_full", N: 0}, {CPU: 1, Reason: "bulk_full", N: 2}}
		b.next()
		b.want(b.next(), "lost:bulk_full:1:2")
		b.reader.lost = []bpf.Lost{{CPU: 0, Reason: "rare_full", N: 1}, {CPU: 1, Reason: "bulk_full", N: 7}}
		b.want(b.next(), "lost:rare_full:0:1", "lost:bulk_full:1:5")
		b.reader.lost = append(b.reader.lost, bpf.Lost{CPU: 2, Reason: "calls_full", N: 1}) // not told yet, as nobody reads
		if s := b.Stats(); cmp.Diff(b.reader.lost, s.Lost) != "" || s.LostRecords() != 8 || s.BulkWaiting != 5 {
			t.Errorf("%+v", s)
		}
	})
}

// A container that the kernel could not be told of is told as lost, once.
func TestNoRoomInTheFilter(t *testing.T) {
	onBench(t, named(0, 0), func(b *bench) {
		b.reader.full = errors.New("no room")
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID), execRecord(5, 70, entry))
		b.until("exec:5:70")
		b.reader.lost = []bpf.Lost{{CPU: 1, Reason: "bulk_full", N: 2}}
		b.want(b.next(), "lost:bulk_full:1:2", "lost:scope_full:-1:2")
		b.reader.put(execRecord(5, 71, 0))
		b.want(b.until("beat"), "exec:5:71", "beat")
		want := []bpf.Lost{{CPU: 1, Reason: "bulk_full", N: 2}, {CPU: -1, Reason: "scope_full", N: 2}}
		if s := b.Stats(); cmp.Diff(want, s.Lost) != "" || s.Unscoped != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// Of more containers than are looked into at a time, all get their names.
func TestManyContainersAtOnce(t *testing.T) {
	const n = 3 * rootsAtOnce
	onBench(t, func(b *bench) {
		named(0, time.Millisecond)(b)
		b.node.Users = func(c *kernel.Container, _ uint32) (*kernel.Users, bool) {
			time.Sleep(time.Millisecond)
			return &kernel.Users{}, c != nil
		}
	}, func(b *bench) {
		b.next()
		for i := range n {
			b.reader.put(cgroupRecord(1, uint64(100+i), fmt.Sprintf("%s%064x", podPath, i)))
		}
		time.Sleep(time.Second)
		b.next()
		for i := range n {
			b.reader.put(execRecord(uint64(100+i), uint32(1000+i), entry))
		}
		users, execs := 0, 0
		for _, w := range b.until("beat") {
			switch {
			case w == "users":
				users++
			case strings.HasPrefix(w, "exec:"):
				execs++
				if execs > users {
					t.Fatalf("%s before its users", w)
				}
			}
		}
		if s := b.Stats(); users != n || execs != n || s.Nameless != 0 {
			t.Errorf("%d lists of users, %d programs, %+v", users, execs, s)
		}
	})
}

func TestContainerEnds(t *testing.T) {
	onBench(t, named(0, 0), func(b *bench) {
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID))
		b.until("container:aaa:web")
		b.reader.put(execRecord(5, 70, entry), cgroupRecord(2, 5, podPath+containerID))
		b.until("cgroup:2:5")
		b.want(b.reader.scope, "+cgroup 5", "+mntns 1005", "-cgroup 5", "-mntns 1005")
		if s := b.Stats(); s.Containers != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// The number of a container's mount namespace is another's as soon as its first process has ended.
func TestFirstProcessEnds(t *testing.T) {
	onBench(t, named(0, 0), func(b *bench) {
		b.next()
		b.reader.put(cgroupRecord(1, 5, podPath+containerID))
		b.until("container:aaa:web")
		exit := func(vpid uint32) []byte {
			return bytesOf(&bpf.Exit{Head: bpf.Head{Cgroup: 5, Pid: 70, Vpid: vpid, PidnsLevel: 1, Ns: bpf.NS{Mnt: 1005, Pid: 2005}}}, bpf.KindExit)
		}
		b.reader.put(execRecord(5, 70, entry), exit(9), exit(1), execRecord(5, 71, 0), cgroupRecord(2, 5, podPath+containerID))
		b.until("cgroup:2:5")
		b.want(b.reader.scope, "+cgroup 5", "+mntns 1005", "-mntns 1005", "-cgroup 5")
	})
}

// What runs at the start is told, with its container.
func TestFoundAtTheStart(t *testing.T) {
	onBench(t, func(b *bench) {
		named(0, 0)(b)
		b.node.Cgroups = func(found func(uint64, string)) error {
			found(2, "/kubepods")
			found(5, podPath+containerID)
			found(9, "/qlab/c1")
			return nil
		}
		b.node.Processes = func() ([]kernel.Found, error) {
			return []kernel.Found{
				{Process: kernel.Process{Key: kernel.Key{PID: 1, StartNs: 1}, Cgroup: hostCgroup, NS: bpf.NS{Mnt: hostMnt, Pid: hostPID}}},
				{Process: kernel.Process{Key: kernel.Key{PID: 70, StartNs: 9}, Cgroup: 5, NS: bpf.NS{Mnt: 1005, Pid: 2005}, PIDNSLevel: 1, VPID: 1}},
				{Process: kernel.Process{
					Key: kernel.Key{PID: 90, StartNs: 10}, Parent: kernel.Key{PID: 1, StartNs: 1}, Cgroup: 9, NS: bpf.NS{Mnt: 1009, Pid: 2009}, PIDNSLevel: 1, VPID: 1,
				}},
			}, nil
		}
		b.node.Users = func(c *kernel.Container, pid uint32) (*kernel.Users, bool) {
			if c == nil {
				return &kernel.Users{}, true
			}
			return &kernel.Users{ContainerID: c.ID}, pid == 70
		}
	}, func(b *bench) {
		b.want(b.next(), "start", "users", "container:aaa", "container:c1", "process:1", "process:70:aaa", "process:90:c1")
		synctest.Wait()
		b.reader.put(execRecord(5, 71, 0))
		if got := strings.Join(b.until("exec:5:71"), " "); !strings.Contains(got, "container:aaa:web") || !strings.Contains(got, "users:aaa") {
			t.Error(got)
		}
		b.want(b.reader.scope, "+cgroup 5", "+cgroup 9", "+mntns 1005", "+mntns 1009")
	})
}

// Sessions of a sensor before this one are told with the processes that are in them; what cannot be read is told.
func TestSessionsSurvive(t *testing.T) {
	found := kernel.Found{Process: kernel.Process{Key: kernel.Key{PID: 7, StartNs: 0}}}
	onBench(t, func(b *bench) {
		b.node.Processes = func() ([]kernel.Found, error) { return []kernel.Found{found}, nil }
	}, func(b *bench) {
		b.cfg.Sessions = func(string) (*kernel.Sessions, error) { return someSessions(), nil }
		batch, err := b.Next(context.Background())
		if err != nil || !strings.Contains(string(batch.Data), `"session":{`) || !strings.Contains(string(batch.Data), "1234567") {
			t.Errorf("%v: %s", err, batch.Data)
		}
	})
	onBench(t, nil, func(b *bench) {
		b.cfg.Sessions = func(string) (*kernel.Sessions, error) { return nil, errors.New("torn") }
		batch, err := b.Next(context.Background())
		if err != nil || len(batch.Faults) != 1 || batch.Faults[0].Error() != "sensor: torn" {
			t.Errorf("%v, %v", err, batch.Faults)
		}
	})
}

// A container whose path says nothing is told by its pid namespace, and its record waits for its names.
func TestInferredContainer(t *testing.T) {
	onBench(t, func(b *bench) {
		named(0, time.Millisecond)(b)
		b.node.Ancestry = func(uint64) []runtimefiles.Cgroup {
			return []runtimefiles.Cgroup{{ID: 1, Path: "/"}, {ID: 8, Path: "/qlab"}, {ID: 9, Path: "/qlab/c1"}}
		}
	}, func(b *bench) {
		b.next()
		b.reader.put(execRecord(9, 70, entry))
		b.want(b.next(), "container:c1")
		b.want(b.next(), "container:c1:web", "exec:9:70")
	})
}

func TestBadRecordsAreTheDecodersToReport(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		b.next()
		b.reader.put([]byte("12345678"), execRecord(hostCgroup, 7, 0))
		b.want(b.next(), "bad", "exec:1:7")
		if s := b.Stats(); s.Bad != 1 || s.Records != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestErrorsEndTheStream(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		ctx, cancel := context.WithCancel(context.Background())
		b.next()
		cancel()
		if _, err := b.Next(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
	onBench(t, func(b *bench) {
		b.node.Host = func() (kernel.Found, error) { return kernel.Found{}, errors.New("no /proc") }
	}, func(b *bench) {
		if _, err := b.Next(context.Background()); err == nil || !strings.Contains(err.Error(), "no /proc") {
			t.Errorf("%v", err)
		}
	})
}

// A batch's number is that of its first frame: the first batch holds Start, the second what was put before and behind it.
func TestBatches(t *testing.T) {
	onBench(t, nil, func(b *bench) {
		var lines []int64
		for range 3 {
			b.reader.put(execRecord(hostCgroup, 7, 0), execRecord(hostCgroup, 8, 0))
			batch, err := b.Next(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, batch.Line)
			if len(lines) > 1 && batch.LowNs != int64(b.recordNs)+b.offsetNs {
				t.Errorf("low mark %d", batch.LowNs)
			}
			batch.Release()
		}
		if diff := cmp.Diff([]int64{1, 2, 6}, lines); diff != "" {
			t.Error(diff)
		}
	})
}
