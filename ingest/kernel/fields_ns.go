package kernel

import (
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

func nsFields() []event.Field {
	flags := row("ns.flags", event.Text, func(e *Event, _ *event.Arg, v *event.Value) {
		if e.ns != nil {
			eachName(e.ns.Flags, cloneFlags, func(n flagName) { v.Append(n.own) })
		}
	}, "Namespaces that setns or unshare was asked for: newuser, newns, newpid, newnet and so on.")
	flags.List = true
	target := row("ns.target", event.Text, ofText((*Event).nsTarget),
		"Whose namespaces setns entered: host where one is the node's own, container where they are those of the container that the process is then in, same where it was in them before, else other.")
	target.Values = []string{targetHost, targetContainer, targetSame, targetOther}
	traced := row("ptrace.target", event.Text, ofText((*Event).ptraceTarget),
		"Whose process ptrace attached to: host, container where it is one of another container, same.")
	traced.Values = []string{targetHost, targetContainer, targetSame}
	return []event.Field{
		flags, target, traced,
		row("ptrace.pid", event.Number, ofPtrace(func(r *bpf.Ptrace) uint64 { return uint64(r.TargetPid) }), "Process id of the process that was to be traced, as the node sees it."),
		row("ptrace.uid", event.Number, ofPtrace(func(r *bpf.Ptrace) uint64 { return uint64(r.TargetUid) }), "User id of that process."),
		row("ptrace.name", event.Text, ofText(func(e *Event) string {
			if e.ptrace == nil {
				return ""
			}
			return commOf(&e.ptrace.TargetComm)
		}), "Name of that process."),
	}
}

func ofPtrace(f func(*bpf.Ptrace) uint64) getter {
	return ofNumber(func(e *Event) (uint64, bool) {
		if e.ptrace == nil || e.ptrace.TargetPid == 0 {
			return 0, false
		}
		return f(e.ptrace), true
	})
}
