package kernel

import (
	"strconv"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// table is the fields by name.
func table() map[string]event.Field {
	out := map[string]event.Field{}
	for _, f := range Fields() {
		out[f.Name] = f
	}
	return out
}

// show is what a field is in an event, as text; <missing> where it is nothing. The field may have an argument in brackets.
func show(t *testing.T, e *Event, field string) string {
	t.Helper()
	name, key, has := strings.Cut(strings.TrimSuffix(field, "]"), "[")
	f, ok := table()[name]
	if !ok || f.Get == nil {
		t.Fatalf("%s is not traced", name)
	}
	a := event.Arg{Text: key, Has: has, Index: -1}
	if n, err := strconv.Atoi(key); err == nil {
		a.Index = n
	}
	var v event.Value
	f.Get(e, &a, &v)
	switch {
	case v.Kind() == event.KindText:
		return v.Text()
	case v.Kind() == event.KindList:
		return "(" + strings.Join(v.List(), ",") + ")"
	case v.Kind() == event.KindNumber && f.Type == event.Int:
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == event.KindNumber:
		return strconv.FormatUint(v.Number(), 10)
	}
	return "<missing>"
}

// expect decodes one record and compares fields of its event, which are given as name, want, name, want ...
func expect(t *testing.T, record []byte, pairs ...string) {
	t.Helper()
	seen := 0
	faults := decode(frames(t, testStart, record), func(e *Event) {
		seen++
		for i := 0; i < len(pairs); i += 2 {
			if got := show(t, e, pairs[i]); got != pairs[i+1] {
				t.Errorf("%s: %s = %s, want %s", e.Type(), pairs[i], got, pairs[i+1])
			}
		}
	})
	if seen != 1 || faults != nil {
		t.Fatalf("%d events, faults %q", seen, faults)
	}
}

func mountRecord(r bpf.Mount, source, target, fstype, data string) []byte {
	r.Head.Pid, r.Head.Tid = 7, 7
	r.SourceLen, r.TargetLen, r.FstypeLen, r.DataLen = uint16(len(source)), uint16(len(target)), uint16(len(fstype)), uint16(len(data))
	return bytesOf(&r, bpf.KindMount, source, target, fstype, data)
}

func TestMountFields(t *testing.T) {
	expect(
		t, mountRecord(bpf.Mount{Op: 1, Flags: 0xC0ED0000 | 1<<12 | 1<<14 | 1, Ret: -1, MountDev: 8<<20 | 1}, "/dev/sda1", "/mnt", "ext4", "data=x"),
		"evt.type", "mount", "evt.res", "EPERM", "evt.rawres", "-1", "evt.failed", "true",
		"evt.arg.flags", "RDONLY|BIND|REC", "evt.rawarg.flags", "20481", "evt.arg.dev", "/dev/sda1", "evt.arg[3]", "/mnt", "evt.arg.uid", "<missing>",
		"evt.args", "flags=20481(RDONLY|BIND|REC) res=-1(EPERM) dev=/dev/sda1 dir=/mnt type=ext4",
		"mount.source", "/dev/sda1", "mount.target", "/mnt", "mount.fstype", "ext4", "mount.flags", "(ro,bind,rec)", "mount.data", "data=x", "mount.dev", "8:1",
		"mount.key", "<missing>", "evt.category", "file",
	)
	expect(
		t, mountRecord(bpf.Mount{Op: 4, Flags: 1, Fd: 3}, "source", "", "", "/dev/sda1"),
		"evt.type", "fsconfig", "mount.key", "source", "mount.command", "set_string", "mount.data", "/dev/sda1", "evt.args", "res=0 fd=3 cmd=set_string key=source value=/dev/sda1",
		"fd.num", "3", "mount.flags", "<missing>",
	)
	expect(
		t, mountRecord(bpf.Mount{Op: 8, Flags: 0x8000, Attr: 2 | 0x10, AttrClear: 0x70 | 1, Propagation: 1 << 18}, "/", "", "", ""),
		"mount.flags", "(rec,nosuid,noatime,rw,private)",
	)
	expect(t, mountRecord(bpf.Mount{Op: 7, Flags: 1<<40 | 1}, "/x", "", "", ""), "mount.flags", "(clone,0x10000000000)", "evt.arg.flags", "CLONE|0x10000000000")
	expect(t, mountRecord(bpf.Mount{Op: 2, Flags: 2}, "", "/proc/\xff", "", ""), "evt.type", "umount2", "mount.flags", "(detach)", "evt.arg.name", "/proc/\xff")
}
