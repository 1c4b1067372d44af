package kernel

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// Records of any content in a frame that holds are events that can be asked anything.
func TestRecordsOfAnyContent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := [][]byte{
		execRecord(nil, "name", "su\x00bin\x00", "tmp\x00", "su\x00-\x00"), bytesOf(&bpf.Head{}, bpf.KindFork), bytesOf(&bpf.Exit{}, bpf.KindExit),
		mountRecord(bpf.Mount{Op: 1}, "a", "b", "c", "d"), bytesOf(&bpf.Creds{Op: 1}, bpf.KindCreds), bytesOf(&bpf.NSOp{Op: 1}, bpf.KindNS),
		bytesOf(&bpf.Ptrace{TargetPid: 1}, bpf.KindPtrace), bytesOf(&bpf.Cgroup{Id: 9, Op: 1}, bpf.KindCgroup),
	}
	parts := podStart()
	for range 3000 {
		r := slices.Clone(kinds[rng.IntN(len(kinds))])
		for range rng.IntN(40) {
			i := rng.IntN(len(r))
			if i < 16 || i > 24 { // size, cpu, kind and version stay
				r[i] = byte(rng.Uint32() >> (8 * rng.IntN(3)))
			}
		}
		parts = append(parts, r)
	}
	fields := Fields()
	var v event.Value
	events := 0
	faults := decode(frames(t, parts...), func(e *Event) {
		events++
		for i := range fields {
			if get := fields[i].Get; get != nil {
				get(e, &event.Arg{Index: -1}, &v)
				get(e, &event.Arg{Text: "1", Has: true, Index: 1}, &v)
			}
		}
		if doc := new(event.Encoder).Append(nil, event.PlainEvent(e.Details(event.ScopeEvent, 0), false)); !json.Valid(doc) {
			t.Fatalf("no JSON: %s", doc)
		}
	})
	if events < 1000 || events+len(faults) > 3000 {
		t.Errorf("%d events, %d faults", events, len(faults))
	}
}

// A fact that lacks what it should have, or has it twice, is a fault or does no harm.
func TestBadFacts(t *testing.T) {
	f := func(fact *Fact, want int) {
		t.Helper()
		if faults := decode(frames(t, testStart, fact), func(*Event) {}); len(faults) != want {
			t.Errorf("%+v: %q", fact, faults)
		}
	}
	f(&Fact{}, 1)
	f(&Fact{Container: &Container{}}, 0)
	f(&Fact{Process: &Found{}}, 0)
	f(&Fact{Process: &Found{Process: Process{Key: Key{PID: 1}, Parent: Key{PID: 1}}, ContainerID: "x"}}, 0)
	f(&Fact{Process: &Found{Session: &Session{}}}, 1)
	f(&Fact{Users: &Users{ContainerID: "x"}}, 0)
	f(&Fact{Lost: &Lost{CPU: -1, N: 1 << 63}}, 0)
	f(&Fact{Beat: &Beat{}}, 0)
	f(&Fact{Start: &Start{}}, 0)
	bad := frames(t, testStart)
	bad[9] = '!'
	if faults := decode(bad, func(*Event) {}); len(faults) != 1 {
		t.Errorf("%q", faults)
	}
}

// A fact beyond what those who look things up keep to is a fault.
func TestFactsBeyondTheirBounds(t *testing.T) {
	long := strings.Repeat("x", 5000)
	many := map[string]string{}
	names := map[uint32]string{}
	for i := range MaxUsers + 1 {
		many[fmt.Sprint(i)], names[uint32(i)] = "x", "x"
	}
	f := func(fact *Fact, want string) {
		t.Helper()
		if faults := decode(frames(t, testStart, fact), func(*Event) {}); len(faults) != 1 || !strings.Contains(faults[0], want) {
			t.Errorf("%q, want %s", faults, want)
		}
	}
	f(&Fact{Start: &Start{Node: long}}, "start fact: bytes of node: 5000, at most 253")
	f(&Fact{Container: &Container{ID: long}}, "container fact: bytes of id")
	f(&Fact{Container: &Container{Labels: many}}, "container fact: labels: 4097, at most 64")
	f(&Fact{Container: &Container{Labels: map[string]string{"a": long}}}, "bytes of a label")
	f(&Fact{Container: &Container{Cgroups: make([]uint64, 5000)}}, "cgroups: 5000")
	f(&Fact{Users: &Users{Users: names}}, "users fact: users or groups: 4097, at most 4096")
	f(&Fact{Users: &Users{Groups: map[uint32]string{1: long}}}, "bytes of a user's name")
	f(&Fact{Process: &Found{Process: Process{Name: long}}}, "process fact: bytes of name")
	f(&Fact{Process: &Found{Session: &Session{Leader: Key{PID: 1}, Entry: "magic"}}}, "process fact: session: unknown entry")
	f(&Fact{Process: &Found{Session: &Session{Leader: Key{PID: 1}, Entry: EntryExec, Args: []string{long, long, long, long}}}}, "texts of 20068 bytes")
	f(&Fact{Lost: &Lost{Reason: long}}, "lost fact: bytes of reason")
}

// What facts leave behind is bounded in bytes, not in number only.
func TestFactsTakeBoundedMemory(t *testing.T) {
	labels, users := map[string]string{}, map[uint32]string{}
	for i := range MaxLabels {
		labels[fmt.Sprintf("%0*d", MaxLabelKeyBytes, i)] = strings.Repeat("x", MaxTextBytes)
	}
	for i := range uint32(MaxUsers) {
		users[i] = strings.Repeat("u", MaxUserBytes)
	}
	d := NewDecoder()
	fact := func(f *Fact) {
		t.Helper()
		if err := d.Fact(f, func(event.Event) {}); err != nil {
			t.Fatal(err)
		}
	}
	fact(testStart)
	fact(&Fact{Users: &Users{Users: map[uint32]string{7: "node"}}})
	for i := range maxContainers {
		id := fmt.Sprint(i)
		fact(&Fact{Container: &Container{ID: id, CgroupID: uint64(i + 1), Labels: maps.Clone(labels), Cgroups: []uint64{uint64(1e6 + i)}}})
		if i < 50 {
			fact(&Fact{Users: &Users{ContainerID: id, Users: users}})
		}
		s := &Session{Leader: Key{PID: uint32(i + 1), StartNs: 5}, Entry: EntryExec, ExePath: strings.Repeat("x", maxSavedTextsBytes)}
		fact(&Fact{Process: &Found{Process: Process{Key: s.Leader}, ContainerID: id, Session: s}})
	}
	c, u := d.stream.containers, d.stream.users
	if c.bytes > maxLabelBytes+maxContainers*8 || c.Len() != maxContainers || c.Refused() == 0 || c.ByID("0").Labels == nil {
		t.Errorf("%d containers, texts of %d bytes, %d refused", c.Len(), c.bytes, c.Refused())
	}
	if n := u.bytes; n > maxUserBytes || u.byContainer[""] == nil || len(u.byContainer) < 5 {
		t.Errorf("%d lists of %d bytes", len(u.byContainer), n)
	}
	p := d.stream.processes
	if p.restoredBytes > MaxSessionsBytes || len(p.restored) < 1000 || p.Stats().SessionsLost == 0 {
		t.Errorf("%d sessions of %d bytes", len(p.restored), p.restoredBytes)
	}
}

// The names of a container's users go with the container.
func TestUsersGoWithTheirContainer(t *testing.T) {
	d := NewDecoder()
	decode := func(parts ...any) {
		d.Decode(&event.Batch{Data: frames(t, parts...)}, func(event.Event) {}, func(f event.Fault) { t.Error(f) })
	}
	decode(testStart, &Fact{Users: &Users{}}, &Fact{Container: &Container{ID: "a", CgroupID: 5}}, &Fact{Users: &Users{ContainerID: "a"}})
	rmdir := bytesOf(&bpf.Cgroup{Head: bpf.Head{TimeNs: 1000, Seq: 1}, Id: 5, Op: opCgroupRmdir}, bpf.KindCgroup)
	decode(rmdir)
	if n := len(d.stream.users.byContainer); n != 2 {
		t.Errorf("%d lists while the container is a tombstone", n)
	}
	decode(bytesOf(&bpf.Head{TimeNs: 2000 + tombstoneNs, Seq: 2, Pid: 9}, bpf.KindFork))
	if n := len(d.stream.users.byContainer); n != 1 || d.stream.users.bytes > 2*userListBytes {
		t.Errorf("%d lists behind it", n)
	}
}

// Whoever owns many cgroups in many containers finds an end.
func TestOwnedCgroupsAreBounded(t *testing.T) {
	c := NewContainers(ContainersConfig{})
	for i := range uint64(100) {
		ids := make([]uint64, maxNested)
		for j := range ids {
			ids[j] = 1e6 + i*maxNested + uint64(j)
		}
		c.Add(&Container{ID: fmt.Sprint(i), CgroupID: i + 1, Cgroups: ids})
	}
	if n := len(c.cgroups); n > maxOwned+100 || c.ByCgroup(100) == nil {
		t.Errorf("%d cgroups", n)
	}
}

// What the tables have no room for is told when time has passed, once, and in all.
func TestFullTablesAreTold(t *testing.T) {
	var parts []any
	for i := range uint32(DefaultTableConfig().MaxPerContainer + 7) {
		h := bpf.Head{TimeNs: 1000, Seq: uint64(i + 1), Cgroup: 5, Pid: 100 + i, Tid: 100 + i, StartNs: 1000}
		parts = append(parts, bytesOf(&h, bpf.KindFork))
	}
	first := append([]any{testStart, &Fact{Container: &Container{ID: "a", CgroupID: 5}}, &Fact{Beat: &Beat{BootNs: 500}}}, parts...)
	second := []any{&Fact{Beat: &Beat{BootNs: 2000}}, &Fact{Beat: &Beat{BootNs: 3000}}, &Fact{Lost: &Lost{BootNs: 3500, Reason: "bulk_full", N: 1}}}
	d := NewDecoder()
	var drops []string
	read := func(parts []any) {
		d.Decode(&event.Batch{Data: frames(t, parts...)}, func(e event.Event) {
			if k := e.(*Event); k.lost != nil {
				drops = append(drops, fmt.Sprint(k.lost.BootNs, " ", k.lost.CPU, " ", k.lost.Reason, " ", k.lost.N))
			}
		}, func(f event.Fault) { t.Error(f) })
	}
	read(append(first, second...))
	if diff := cmp.Diff([]string{"2000 -1 table_full 7", "3500 0 bulk_full 1"}, drops); diff != "" {
		t.Error(diff)
	}
	want := []bpf.Lost{{CPU: -1, Reason: "table_full", N: 7}}
	if diff := cmp.Diff(want, d.Lost()); diff != "" {
		t.Error(diff)
	}
	read([]any{&Fact{Start: &Start{Node: "node-1", BootID: "boot", Epoch: 6}}, &Fact{Beat: &Beat{}}})
	if diff := cmp.Diff(want, d.Lost()); diff != "" {
		t.Errorf("after another start: %s", diff)
	}
}
