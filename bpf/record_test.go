package bpf

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// layout writes a record's members with their offsets, and its size.
func layout(v any) string {
	t := reflect.TypeOf(v)
	var b strings.Builder
	for i := range t.NumField() {
		if f := t.Field(i); f.Name != "_" {
			fmt.Fprintf(&b, "%d %s, ", f.Offset, f.Name)
		}
	}
	fmt.Fprintf(&b, "%d", t.Size())
	return b.String()
}

// Recordings hold records as the kernel wrote them: who has to change a line here raises REC_VERSION.
func TestRecordLayout(t *testing.T) {
	f := func(v any, want string) {
		t.Helper()
		if diff := cmp.Diff(want, layout(v)); diff != "" {
			t.Errorf("%T: layout (-want +got):\n%s", v, diff)
		}
	}
	f(Head{}, "0 TimeNs, 8 Seq, 16 Size, 20 Cpu, 22 Kind, 23 Version, 24 Flags, 28 Lost, 32 StartNs, 40 ParentStartNs, 48 Cgroup, "+
		"56 ParentCgroup, 64 ForkerStartNs, 72 Pid, 76 Tid, 80 Vpid, 84 Vtid, 88 Ppid, 92 Vppid, 96 Sid, 100 Pgid, 104 Vsid, 108 Vpgid, "+
		"112 PidnsLevel, 116 ParentPidns, 120 ParentMntns, 124 Tty, 128 Loginuid, 132 Ns, 156 Forker, 160 Comm, 176 ParentComm, 192 Cred, 280")
	f(Cred{}, "0 Uid, 4 Gid, 8 Euid, 12 Egid, 16 Suid, 20 Sgid, 24 Fsuid, 28 Fsgid, 32 CapInheritable, 40 CapPermitted, 48 CapEffective, "+
		"56 CapBounding, 64 CapAmbient, 72 Userns, 76 UsernsLevel, 80 Securebits, 84 Pad, 88")
	f(NS{}, "0 Mnt, 4 Pid, 8 Net, 12 Ipc, 16 Uts, 20 Cgroup, 24")
	f(Exec{}, "0 Head, 280 ExeIno, 288 ExeCtimeNs, 296 ExeMtimeNs, 304 ExeDev, 308 ExeMode, 312 ExeUid, 316 ExeGid, 320 ExeOrigin, "+
		"324 Ret, 328 Argc, 332 ArgvTotal, 336 FilenameLen, 338 ExeLen, 340 CwdLen, 342 ArgvLen, 344 Execveat, 352")
	f(Exit{}, "0 Head, 280 Code, 284 Pad, 288")
	f(Mount{}, "0 Head, 280 Op, 284 Fd, 288 Ret, 296 Flags, 304 Attr, 312 AttrClear, 320 Propagation, 328 MountDev, 332 Pad, "+
		"336 SourceLen, 338 TargetLen, 340 FstypeLen, 342 DataLen, 344")
	f(Creds{}, "0 Head, 280 Op, 284 Ret, 288 Arg, 312 Before, 400 NgroupsBefore, 404 Ngroups, 408")
	f(NSOp{}, "0 Head, 280 Op, 284 Ret, 288 Flags, 296 Fd, 300 UsernsBefore, 304 Before, 328 ChildrenPidnsBefore, 332 ChildrenPidns, "+
		"336 Pad, 344")
	f(Ptrace{}, "0 Head, 280 Request, 284 TargetVpid, 288 Ret, 296 TargetStartNs, 304 TargetCgroup, 312 TargetPid, 316 TargetPidns, "+
		"320 TargetMntns, 324 TargetUid, 328 TargetComm, 344")
	f(Cgroup{}, "0 Head, 280 Id, 288 ParentId, 296 Op, 300 PathLen, 302 Pad, 304")
}

// record returns the bytes of r with texts behind it, and size and version filled in.
func record[T any](r T, head func(*T) *Head, texts string) []byte {
	h := head(&r)
	h.Version = RecordVersion
	h.Size = uint32(int(unsafe.Sizeof(r)) + len(texts))
	return aligned(append(unsafe.Slice((*byte)(unsafe.Pointer(&r)), unsafe.Sizeof(r)), texts...))
}

// aligned returns a copy of b that begins where a record in a ring does: at a multiple of 8.
func aligned(b []byte) []byte {
	words := make([]uint64, len(b)/8+1)
	out := unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(b))
	copy(out, b)
	return out
}

func execRecord(r Exec, texts string) []byte {
	r.Head.Kind = uint8(KindExec)
	return record(r, func(r *Exec) *Head { return &r.Head }, texts)
}

func mountRecord(r Mount, texts string) []byte {
	r.Head.Kind = uint8(KindMount)
	return record(r, func(r *Mount) *Head { return &r.Head }, texts)
}

func TestParseExec(t *testing.T) {
	r, texts, err := ParseExec(execRecord(Exec{Argc: 2, FilenameLen: 4, ExeLen: 7, CwdLen: 4, ArgvLen: 6}, "a.sh"+"sh\x00bin\x00"+"d\x00e\x00"+"a\x00bcd\x00"))
	if err != nil {
		t.Fatal(err)
	}
	want := ExecTexts{Filename: []byte("a.sh"), Exe: []byte("sh\x00bin\x00"), Cwd: []byte("d\x00e\x00"), Argv: []byte("a\x00bcd\x00")}
	if diff := cmp.Diff(want, texts); diff != "" || r.Argc != 2 {
		t.Errorf("argc %d, texts (-want +got):\n%s", r.Argc, diff)
	}
}

func TestParseMount(t *testing.T) {
	_, texts, err := ParseMount(mountRecord(Mount{SourceLen: 4, FstypeLen: 5, DataLen: 1}, "nonetmpfsx"))
	if err != nil {
		t.Fatal(err)
	}
	want := MountTexts{Source: []byte("none"), Target: []byte{}, FSType: []byte("tmpfs"), Data: []byte("x")}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestParseBadRecords(t *testing.T) {
	good := execRecord(Exec{FilenameLen: 1, ArgvLen: 2}, "xa\x00")
	change := func(at int, v byte) []byte {
		b := aligned(good)
		b[at] = v
		return b
	}
	f := func(what, want string, b []byte) {
		t.Helper()
		if err := parse(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	}
	if err := parse(good); err != nil {
		t.Fatal(err)
	}
	f("nothing", "record of 0 bytes, want at least 280", nil)
	f("part of a head", "record of 279 bytes", good[:279])
	f("head only", "record says that it has 355 bytes and has 280", good[:280])
	f("cut", "record says that it has 355 bytes and has 354", good[:354])
	f("longer", "record says that it has 355 bytes and has 356", aligned(append(slices.Clone(good), 0)))
	f("not aligned", "not aligned", aligned(append([]byte{0}, good...))[1:])
	f("version", "record of version 9, this program knows 1", change(23, 9))
	f("kind 0", "record of unknown kind 0", change(22, 0))
	f("kind 9", "record of unknown kind 9", change(22, 9))
	f("of another kind", "want 288", change(22, uint8(KindExit)))
	f("first text too long", "text 1 of 200 bytes is cut after 3", change(336, 200))
	f("last text too long", "text 4 of 3 bytes is cut after 2", change(342, 3))
	f("bytes behind the texts", "1 bytes behind the record's texts", change(342, 1))
}

// parse takes a record as a reader of recordings does: by the kind that its head says.
func parse(b []byte) error {
	h, err := ParseHead(b)
	if err != nil {
		return err
	}
	switch Kind(h.Kind) {
	case KindExec:
		_, _, err = ParseExec(b)
	case KindExit:
		_, err = ParseExit(b)
	case KindMount:
		_, _, err = ParseMount(b)
	case KindCreds:
		_, err = ParseCreds(b)
	case KindNS:
		_, err = ParseNSOp(b)
	case KindPtrace:
		_, err = ParsePtrace(b)
	case KindCgroup:
		_, _, err = ParseCgroup(b)
	}
	return err
}

func FuzzParse(f *testing.F) {
	f.Add(execRecord(Exec{FilenameLen: 1, ArgvLen: 2}, "xa\x00"))
	f.Add(mountRecord(Mount{SourceLen: 4}, "none"))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := parse(aligned(b))
		if err == nil && len(b) < int(unsafe.Sizeof(Head{})) {
			t.Errorf("%d bytes are taken for a record", len(b))
		}
	})
}
