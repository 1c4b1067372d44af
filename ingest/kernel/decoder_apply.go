package kernel

// apply lets the tables take the record in, tells the event of its process and container, and says whether the record is an event.
func (d *Decoder) apply(_ []byte) bool {
	e := &d.event
	h := e.head
	e.process = &Process{
		Key: Key{PID: h.Pid, StartNs: h.StartNs}, Parent: Key{PID: h.Ppid, StartNs: h.ParentStartNs},
		VPID: h.Vpid, VPPID: h.Vppid, SID: h.Sid, PGID: h.Pgid, VSID: h.Vsid, VPGID: h.Vpgid, TTY: h.Tty, LoginUID: h.Loginuid,
		Cred: h.Cred, NS: h.Ns, PIDNSLevel: h.PidnsLevel, Cgroup: h.Cgroup,
	}
	return true
}
