package kernel

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestDocuments compares the documents of the last event of some streams with golden files.
func TestDocuments(t *testing.T) {
	f := func(name string, parts []any) {
		t.Helper()
		var doc []byte
		if faults := decode(frames(t, parts...), func(e *Event) {
			doc = new(event.Encoder).Append(nil, event.PlainEvent(e.Details(event.ScopeEvent, 0), false))
		}); faults != nil {
			t.Fatalf("%s: %q", name, faults)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, doc, "", "  "); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		golden(t, filepath.Join("testdata", name+".json"), append(got.Bytes(), '\n'))
	}
	f("exec", shellInPod())
	f("mount", append(shellInPod(), inShell(mountRecord(bpf.Mount{Op: 1, Flags: 1 << 12, Ret: -1}, "/dev/sda1", "/mnt/\xff", "", "password=hunter2"))))
	f("setuid", append(shellInPod(), inShell(bytesOf(&bpf.Creds{
		Head: bpf.Head{Cred: bpf.Cred{Uid: 33, Euid: 33, Suid: 33, Fsuid: 33}}, Op: 1, Arg: [3]uint64{33}, Before: bpf.Cred{CapPermitted: 1},
	}, bpf.KindCreds))))
	f("setns", append(shellInPod(), inShell(bytesOf(&bpf.NSOp{
		Head: bpf.Head{Ns: bpf.NS{Mnt: 1}}, Op: 1, Flags: 0x20000, Fd: 3, Before: bpf.NS{Mnt: 11},
	}, bpf.KindNS))))
	f("ptrace", append(shellInPod(), inShell(bytesOf(&bpf.Ptrace{
		Request: 16, TargetVpid: 9, TargetPid: 9, TargetCgroup: 1, TargetPidns: 2, TargetMntns: 1, TargetComm: comm16("sshd"),
	}, bpf.KindPtrace))))
	f("exit", append(shellInPod(), inShell(bytesOf(&bpf.Exit{Code: 9}, bpf.KindExit))))
	f("failed", append(podStart(), execRecord(func(r *bpf.Exec) { r.Ret = -2; r.Head.Ppid = 0 }, "./nowhere", "", "", "./nowhere\x00-x\x00")))
	f("drop", append(podStart(), &Fact{Lost: &Lost{BootNs: 9000, CPU: 3, Reason: "bulk_full", N: 12}}))
}

// inShell makes the record one of the shell that shellInPod tells of, unless its namespaces are set.
func inShell(record []byte) []byte {
	h, err := bpf.ParseHead(record)
	if err != nil {
		panic(err)
	}
	ns := h.Ns
	inPod(h)
	if ns.Mnt != 0 {
		h.Ns.Mnt = ns.Mnt
	}
	h.TimeNs, h.Seq, h.Pid, h.Tid, h.StartNs, h.Vpid, h.Sid, h.Pgid, h.Comm = 5000, 9, 200, 200, 1900, 20, 200, 200, comm16("sh")
	h.Ppid, h.ParentStartNs, h.ParentPidns, h.ParentMntns, h.ParentComm, h.ParentCgroup = 11, 6, 2, 1, comm16("runc"), 1
	h.Flags |= bpf.FlagScopeMark
	return record
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}
