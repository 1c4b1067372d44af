package kerneltest

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// age is how long a process has run when the sensor finds it.
const age = 10 * time.Minute

// found takes a process that ran when the sensor started, as /proc tells of it. With an entry, a sensor before this one saw how it came in.
func (w *world) found(k *processLine) error {
	if w.processes[k.PID] != nil {
		return fmt.Errorf("process %d is known: a line before told of it", k.PID)
	}
	k.unforked = true
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	exe := cmp.Or(k.Exe, "/bin/true")
	h := &p.head
	if k.Comm == "" {
		h.Comm = comm(path.Base(exe))
	}
	h.StartNs = (w.nowNs - min(w.nowNs, uint64(age))) / kernel.TickNs * kernel.TickNs
	p.started, p.marked = true, w.scope(p) != 0
	f := w.foundProcess(p)
	f.Program = &kernel.Program{ExePath: exe, Args: k.Argv, Cwd: cmp.Or(k.Cwd, "/"), ExeOrigin: origins["lower"]}
	if f.Args == nil {
		f.Args = []string{exe}
	}
	if k.Entry != "" {
		f.Session = &kernel.Session{
			Leader: f.Key, Entry: kernel.Entry(k.Entry), StartNs: f.StartNs, Args: f.Args, ExePath: exe, Name: f.Name, TTY: f.TTY, ContainerID: f.ContainerID,
		}
	}
	return w.fact(&kernel.Fact{Process: f})
}

// foundProcess is what /proc tells of a process, but for what it runs.
func (w *world) foundProcess(p *process) *kernel.Found {
	h := &p.head
	f := &kernel.Found{Process: kernel.Process{
		Key: kernel.Key{PID: h.Pid, StartNs: h.StartNs}, VPID: h.Vpid, SID: h.Sid, PGID: h.Pgid, VSID: h.Vsid, VPGID: h.Vpgid, TTY: h.Tty,
		LoginUID: h.Loginuid, Name: text(h.Comm), Cred: h.Cred, NS: h.Ns, PIDNSLevel: h.PidnsLevel, Cgroup: h.Cgroup,
		NoNewPrivs: h.Flags&bpf.FlagNoNewPrivs != 0,
	}}
	if p.parent != nil {
		f.Parent = kernel.Key{PID: p.parent.head.Pid, StartNs: p.parent.head.StartNs}
	}
	if p.container != nil {
		f.ContainerID, f.CgroupPath = p.container.ID, p.container.CgroupPath
	}
	return f
}

func text(comm [16]uint8) string {
	name, _, _ := bytes.Cut(comm[:], []byte{0})
	return string(name)
}
