package kernel

import (
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// bytesOf are the bytes of a record, with its texts behind it; size, kind and version are set.
func bytesOf[T any](r *T, kind bpf.Kind, texts ...string) []byte {
	b := slices.Clone(unsafe.Slice((*byte)(unsafe.Pointer(r)), unsafe.Sizeof(*r)))
	for _, t := range texts {
		b = append(b, t...)
	}
	h := (*bpf.Head)(unsafe.Pointer(&b[0]))
	h.Size, h.Kind, h.Version = uint32(len(b)), uint8(kind), bpf.RecordVersion
	return b
}

func execRecord(change func(*bpf.Exec), filename, exe, cwd, argv string) []byte {
	r := &bpf.Exec{
		Head:        bpf.Head{TimeNs: 1000, Seq: 1, Pid: 7, Tid: 7, StartNs: 900, Ppid: 1, ParentStartNs: 1},
		FilenameLen: uint16(len(filename)), ExeLen: uint16(len(exe)), CwdLen: uint16(len(cwd)), ArgvLen: uint16(len(argv)),
	}
	if change != nil {
		change(r)
	}
	return bytesOf(r, bpf.KindExec, filename, exe, cwd, argv)
}

var testStart = &Fact{Start: &Start{Node: "node-1", BootID: "boot", Epoch: 5, OffsetNs: 1_700_000_000_000_000_000}}

// frames are the frames of facts and records.
func frames(t *testing.T, parts ...any) []byte {
	t.Helper()
	var out []byte
	for _, p := range parts {
		switch p := p.(type) {
		case []byte:
			out = AppendRecord(out, p)
		case *Fact:
			var err error
			if out, err = AppendFact(out, p); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// decode gives what see makes of each event, and the faults.
func decode(data []byte, see func(*Event)) (faults []string) {
	NewDecoder().Decode(&event.Batch{Origin: "rec", Line: 1, Data: data},
		func(e event.Event) { see(e.(*Event)) },
		func(f event.Fault) { faults = append(faults, f.Error()) })
	return faults
}

func TestDecode(t *testing.T) {
	exec := execRecord(nil, "ls", "ls\x00bin\x00", "", "ls\x00-l\x00")
	fork := bytesOf(&bpf.Head{TimeNs: 2000, Seq: 2}, bpf.KindFork)
	bad := slices.Clone(exec)
	bad[22] = 99 // kind
	odd := bytesOf(&bpf.Mount{Op: 77}, bpf.KindMount)
	data := frames(t, exec, testStart, exec, bad, odd, fork, &Fact{}, &Fact{Lost: &Lost{BootNs: 3000, Reason: "bulk_full", N: 4}})
	var types []string
	ids := map[string]bool{}
	faults := decode(data, func(e *Event) {
		types = append(types, e.Type()+" "+e.action())
		ids[e.EventID()] = true
		if want := int64(1_700_000_000_000_000_000) + int64(len(types))*1000; e.TimeNs() != want {
			t.Errorf("%s at %d", e.Type(), e.TimeNs())
		}
	})
	if diff := cmp.Diff([]string{"execve exec", "clone fork", "drop drop"}, types); diff != "" {
		t.Error(diff)
	}
	if len(ids) != 3 {
		t.Errorf("ids %v", ids)
	}
	want := []string{
		"rec:1: record before the start of a stream", "rec:4: record of unknown kind 99", "rec:5: mount record: unknown call 77",
		"rec:7: a fact has exactly one member",
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Error(diff)
	}
}

// A process ends once, however often the kernel says so; its number may have been another's when the record came.
func TestEndThatIsToldTwice(t *testing.T) {
	exit := func(timeNs, seq, startNs uint64) []byte {
		return bytesOf(&bpf.Exit{Head: bpf.Head{TimeNs: timeNs, Seq: seq, Cpu: uint16(seq), Pid: 7, Tid: 7, StartNs: startNs}}, bpf.KindExit)
	}
	fork := bytesOf(&bpf.Head{TimeNs: 4000, Seq: 4, Pid: 7, Tid: 7, StartNs: 4000}, bpf.KindFork)
	exec := execRecord(nil, "ls", "ls\x00", "", "ls\x00")
	f := func(want string, parts ...any) {
		t.Helper()
		var types []string
		if faults := decode(frames(t, append([]any{testStart}, parts...)...), func(e *Event) { types = append(types, e.Type()) }); faults != nil {
			t.Errorf("%q", faults)
		}
		if got := strings.Join(types, " "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	f("execve procexit", exec, exit(2000, 2, 900), exit(2001, 3, 900))
	f("execve clone procexit procexit", exec, fork, exit(2000, 2, 900), exit(2001, 3, 900), exit(5000, 5, 4000))
	f("procexit", exit(2000, 2, 900), exit(2001, 3, 900))
}

func TestFramesBehindABadOne(t *testing.T) {
	data := frames(t, testStart, execRecord(nil, "", "", "", ""), execRecord(nil, "", "", "", ""))
	second := frames(t, testStart)
	data[len(second)+4] = 9 // the type of the second frame
	n := 0
	if faults := decode(data, func(*Event) { n++ }); n != 1 || len(faults) != 1 {
		t.Errorf("%d events, faults %q", n, faults)
	}
	n = 0
	if faults := decode(data[:len(data)-8], func(*Event) { n++ }); n != 0 || len(faults) != 2 {
		t.Errorf("cut: %d events, faults %q", n, faults)
	}
}
