package kernel

import (
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

func sessionFields() []event.Field {
	entry := row("proc.entry", event.Text, ofSession(func(_ *Event, s *Session, v *event.Value) { v.SetText(string(s.Entry)) }),
		"How the process' session came into its container: start with the container, exec through the runtime (kubectl exec, probes), nsenter by a process "+
			"of the node, unseen where it ran before the sensor.")
	entry.Values = []string{string(EntryStart), string(EntryExec), string(EntryNsenter), string(EntryUnseen)}
	inSession := ofSession(func(_ *Event, s *Session, v *event.Value) { v.SetBool(s.Entry == EntryExec || s.Entry == EntryNsenter) })
	return []event.Field{
		entry,
		row("proc.entry.name", event.Text, ofSession(func(_ *Event, s *Session, v *event.Value) { setFilled(v, s.Name) }), "Name of the session's first process in the container."),
		row("proc.entry.exepath", event.Text, ofSession(func(_ *Event, s *Session, v *event.Value) { setFilled(v, s.ExePath) }), "Path of the executable of that process."),
		row("proc.entry.cmdline", event.Text, ofSession(func(e *Event, s *Session, v *event.Value) {
			v.SetText(e.texts.end(appendLine(e.texts.begin(), s.Name, s.Args)))
		}), "Name and arguments of that process."),
		row("proc.entry.tty", event.Int, ofSession(func(_ *Event, s *Session, v *event.Value) { v.SetInt(terminal(s.TTY)) }), "Controlling terminal of that process; 0 where there is none."),
		row("proc.entry.pid", event.Int, ofSession(func(_ *Event, s *Session, v *event.Value) { v.SetInt(int64(s.Leader.PID)) }), "Process id of that process, as the node sees it."),
		row("proc.entry.by", event.Text, ofSession(func(_ *Event, s *Session, v *event.Value) { setFilled(v, s.ByName) }), "Name of the process outside of the container that brought that process in."),
		row("proc.entry.duration", event.Number, ofSession(func(e *Event, s *Session, v *event.Value) {
			v.SetNumber(positive(e.timeNs - e.stream.wall(s.StartNs)))
		}), "Nanoseconds since that process began its first program in the container."),
		row("proc.is_entry", event.Bool, ofFlag(bpf.FlagEntry), "The event is the exec by which a session enters its container."),
		row("proc.in_session", event.Bool, inSession, "The process belongs to a session that entered its container by exec or nsenter."),
		row("proc.is_runtime", event.Bool, procBool((*Event).Process, func(p *Process) bool { return p.Runtime }),
			"The process is a container runtime or nsenter at work in the container, before its first program there."),
		row("proc.no_new_privs", event.Bool, ofFlag(bpf.FlagNoNewPrivs), "The process can gain no rights by starting a program (no_new_privs)."),
		row("proc.parent_is_kthread", event.Bool, ofFlag(bpf.FlagKthreadParent), "The parent is a kernel thread: the kernel itself started the program."),
	}
}

// ofSession is a field of the process' session; missing outside of containers.
func ofSession(f func(*Event, *Session, *event.Value)) getter {
	return ofProcess((*Event).Process, func(e *Event, p *Process, v *event.Value) {
		if p.Session != nil {
			f(e, p.Session, v)
		}
	})
}
