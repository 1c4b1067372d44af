package kernel

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

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
	f(&Fact{Process: &Found{Process: Process{Key: Key{PID: 1}, Parent: Key{PID: 1}}, ContainerID: "x", Session: &Session{}}}, 0)
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

func TestUserTableIsBounded(t *testing.T) {
	var u userTable
	for i := range 3 * maxUserTables {
		u.add(&Users{ContainerID: string(rune(i)), Users: map[uint32]string{1: "x"}})
	}
	if len(u.byContainer) > maxUserTables || len(u.order) > maxUserTables {
		t.Errorf("%d lists of users are kept", len(u.byContainer))
	}
}
