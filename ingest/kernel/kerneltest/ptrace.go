package kerneltest

import (
	"cmp"
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
	"golang.org/x/sys/unix"
)

// ptrace takes that a process attached to another.
func (w *world) ptrace(k *ptraceLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	target, known := w.processes[k.Target]
	if !known {
		return fmt.Errorf("target: no line before told of process %d", k.Target)
	}
	t := &target.head
	r := &bpf.Ptrace{
		Head: w.head(p, bpf.KindPtrace, k.CPU), Request: cmp.Or(uint32(k.Request), unix.PTRACE_ATTACH), Ret: int64(k.Ret), TargetVpid: t.Vpid,
	}
	if k.Ret >= 0 {
		r.TargetStartNs, r.TargetCgroup, r.TargetPid, r.TargetPidns, r.TargetMntns = t.StartNs, t.Cgroup, t.Pid, t.Ns.Pid, t.Ns.Mnt
		r.TargetUid, r.TargetComm = t.Cred.Uid, t.Comm
	}
	record(w, r, &r.Head)
	return nil
}
