package bpf

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScope(t *testing.T) {
	u := newUnits(t, nil)
	self := u.self()
	f := func(what string, want uint32, put func(u units)) {
		t.Helper()
		u := newUnits(t, nil)
		put(u)
		got := u.run("scope")
		if got.Who.Flags != want || (got.Value == 1) != (want != 0) {
			t.Errorf("%s: flags %#x, watched %d, want %#x", what, got.Who.Flags, got.Value, want)
		}
	}
	mark := func(start uint64, flags uint32) func(units) {
		return func(u units) { u.put("marks", self.Pid, sensorMark{StartNs: start, Flags: flags}) }
	}
	f("the host", 0, func(units) {})
	f("another's cgroup", 0, func(u units) { u.put("cgroups", self.Cgroup+1, uint32(1)) })
	f("a container's cgroup", FlagScopeCgroup|FlagRuntime, func(u units) { u.put("cgroups", self.Cgroup, uint32(1)) })
	f("a container's mount namespace", FlagScopeMntNS|FlagRuntime, func(u units) { u.put("mntns", self.Ns.Mnt, uint32(1)) })
	f("marked", FlagScopeMark|FlagRuntime, mark(self.StartNs, 0))
	f("marked, started", FlagScopeMark, mark(self.StartNs, 1))
	f("marked, of a process that had the id before", 0, mark(self.StartNs-1, 1))
	full := func(at uint64) func(units) {
		return func(u units) {
			u.put("cgroups", self.Cgroup, uint32(1))
			if err := u.Variables["marks_full_ns"].Set(at); err != nil {
				t.Fatal(err)
			}
		}
	}
	f("no room for a mark since it began", FlagScopeCgroup, full(self.StartNs))
	f("no room for a mark before it began", FlagScopeCgroup|FlagRuntime, full(self.StartNs-1))
	f("both", FlagScopeCgroup|FlagScopeMntNS|FlagScopeMark, func(u units) {
		u.put("cgroups", self.Cgroup, uint32(1))
		u.put("mntns", self.Ns.Mnt, uint32(1))
		mark(self.StartNs, 1)(u)
	})
}

func TestScopeSettings(t *testing.T) {
	if got := newUnits(t, map[string]uint64{"cfg_host": 1}).run("scope"); got.Value != 1 || got.Who.Flags != 0 {
		t.Errorf("the host is asked for: watched %d, flags %#x", got.Value, got.Who.Flags)
	}
	u := newUnits(t, map[string]uint64{"cfg_load_ns": 1 << 62})
	u.put("cgroups", u.self().Cgroup, uint32(1))
	if got := u.run("scope"); got.Who.Flags != FlagScopeCgroup {
		t.Errorf("a process older than the sensor: flags %#x, want it to have started", got.Who.Flags)
	}
}

func TestForkHandsMarksDown(t *testing.T) {
	const child, childStart = 1 << 22, 77
	f := func(what string, started bool, wantFlags uint32, wantMark *sensorMark) {
		t.Helper()
		u := newUnits(t, nil)
		self := u.self()
		if wantMark != nil {
			m := sensorMark{StartNs: self.StartNs}
			if started {
				m.Flags = 1
			}
			u.put("marks", self.Pid, m)
		}
		got := u.run("inherit", child, childStart)
		var mark *sensorMark
		var m sensorMark
		if err := u.Maps["marks"].Lookup(uint32(child), &m); err == nil {
			mark = &m
		}
		if diff := cmp.Diff(wantMark, mark); diff != "" || got.Who.Flags != wantFlags {
			t.Errorf("%s: flags %#x, want %#x, mark (-want +got):\n%s", what, got.Who.Flags, wantFlags, diff)
		}
	}
	f("the host's", false, 0, nil)
	f("a runtime's", false, FlagScopeMark|FlagRuntime, &sensorMark{StartNs: childStart})
	f("a container's", true, FlagScopeMark, &sensorMark{StartNs: childStart, Flags: 1})
}

func TestMarksThatFindNoRoom(t *testing.T) {
	u := newUnits(t, nil)
	self := u.self()
	u.put("cgroups", self.Cgroup, uint32(1))
	for i := range u.Maps["marks"].MaxEntries() {
		if err := u.Maps["marks"].Put(i+1<<22, sensorMark{}); err != nil {
			t.Fatal(err)
		}
	}
	u.run("inherit", 1<<21, 1)
	if got := u.run("scope"); got.Who.Flags != FlagScopeCgroup {
		t.Errorf("a process of that time: flags %#x, want it to have started", got.Who.Flags)
	}
	var counts []uint64
	if err := u.Maps[mapLost].Lookup(uint32(sensorLostReasonLOST_MARKS_FULL), &counts); err != nil {
		t.Fatal(err)
	}
	var sum uint64
	for _, n := range counts {
		sum += n
	}
	if sum != 1 {
		t.Errorf("lost %d marks, want 1", sum)
	}
	// A process that begins now is one whose entry is told.
	now, err := bootTime()
	if err != nil {
		t.Fatal(err)
	}
	var last uint64
	if err := u.Variables["marks_full_ns"].Get(&last); err != nil || last > now {
		t.Errorf("marks had no room at %d, now is %d; %v", last, now, err)
	}
}
