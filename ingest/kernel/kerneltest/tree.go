package kerneltest

import (
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
)

// fork takes that a process was made. One that another line tells of first is forked by that.
func (w *world) fork(k *forkLine) error {
	if w.processes[k.PID] != nil {
		return fmt.Errorf("process %d is known, so it was forked already", k.PID)
	}
	k.unforked = true
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	forker := p.parent
	if k.Forker != 0 {
		var known bool
		if forker, known = w.processes[k.Forker]; !known {
			return fmt.Errorf("forker: no line before told of process %d", k.Forker)
		}
	}
	p.head.StartNs = w.nowNs
	w.forked(p, forker, k.CPU)
	return nil
}

// forked adds the record of p's fork to the stream.
func (w *world) forked(p, forker *process, cpu uint16) {
	h := w.head(p, bpf.KindFork, cpu)
	h.TimeNs, h.Comm = h.StartNs, forker.head.Comm
	if forker != p.parent {
		h.Forker, h.ForkerStartNs = forker.head.Pid, forker.head.StartNs
	}
	record(w, &h, &h)
}

// exit takes that a process ended. Its children go to the first process of their pid namespace, or of the node.
func (w *world) exit(k *exitLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	if k.PID == 1 {
		return fmt.Errorf("the node's first process does not end")
	}
	r := &bpf.Exit{Head: w.head(p, bpf.KindExit, k.CPU), Code: k.Status<<8 | k.Signal}
	record(w, r, &r.Head)
	delete(w.processes, k.PID)
	for _, child := range w.processes {
		if child.parent == p {
			child.parent = w.reaper(child)
		}
	}
	return nil
}

// reaper is who takes over a process whose parent ends.
func (w *world) reaper(p *process) *process {
	if p.head.PidnsLevel > 0 {
		for _, first := range w.processes {
			if first.head.Vpid == 1 && first.head.Ns.Pid == p.head.Ns.Pid {
				return first
			}
		}
	}
	for a := p.parent.parent; a != nil; a = a.parent {
		if a.subreaper {
			return a
		}
	}
	return w.processes[1]
}
