package kernel

import (
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// record is the Details of an event.
type record struct {
	details event.Details
	kernel  event.Kernel
}

// Details copies what an alert about the event tells. Matches of one event share the result.
func (e *Event) Details(event.Scope, int) *event.Details {
	if e.record == nil {
		e.record = e.newRecord()
	}
	return &e.record.details
}

func (e *Event) newRecord() *record {
	r := new(record)
	d, k, start := &r.details, &r.kernel, &e.stream.start
	d.Kernel = k
	d.Source, d.TimeNs, d.EventID, d.Action = event.SourceKernel, e.timeNs, e.EventID(), e.action()
	d.Outcome = e.outcome()
	d.Change, d.Categories = e.ecsType()
	k.Node, k.BootID, k.KernelRelease, k.Result = start.Node, start.BootID, start.Kernel, e.resultName()
	if e.lost != nil {
		k.Drop = event.Drop{Reason: e.lost.Reason, Count: e.lost.N, CPU: e.lost.CPU}
		return r
	}
	e.describeContainer(d)
	e.describeProcess(d)
	e.describeRelated(k)
	e.describeSession(k)
	e.describeCall(k)
	e.describeCreds(k)
	e.describeBlind(d)
	return r
}

// outcome is event.outcome of ECS; empty where the event is about no call.
func (e *Event) outcome() string {
	n, ok := e.returned()
	switch {
	case !ok:
		return ""
	case n < 0:
		return "failure"
	}
	return "success"
}

// ecsType is event.type of ECS and the categories that allow it.
func (e *Event) ecsType() (change string, categories []string) {
	switch {
	case e.lost != nil:
		return "", nil
	case e.exec != nil:
		change = "start"
	case e.exit != nil:
		change = "end"
	case e.mount != nil:
		return "change", []string{"configuration"}
	case e.creds != nil, e.ns != nil:
		change = "change"
	case e.ptrace != nil:
		change = "access"
	default:
		change = "start"
	}
	return change, []string{"process"}
}

func (e *Event) describeContainer(d *event.Details) {
	c, k := e.container, d.Kernel
	if c == nil {
		return
	}
	k.ContainerID, k.Runtime, k.Via = c.ID, c.Runtime, string(e.via)
	if c.Privileged != nil {
		k.Privileged = boolText(*c.Privileged)
	}
	d.Container, d.Image = c.Name, c.Image
	if c.PodUID != "" || c.Pod != "" {
		d.Resource, d.Namespace, d.Name, d.PodUID = "pods", c.Namespace, c.Pod, c.PodUID
	}
}

func (e *Event) describeProcess(d *event.Details) {
	p, k := e.process, d.Kernel
	o := &k.Process
	*o = e.processOf(p)
	d.Command, o.Args = o.Args, nil
	d.TTY, o.Interactive = o.Interactive, ""
	o.TID = int(e.head.Tid)
	if e.exit != nil {
		o.EndNs, o.Exited, o.ExitCode = e.timeNs, true, exitCode(e.exit.Code)
	}
	c := &e.head.Cred
	o.User, o.RealUser, o.SavedUser = e.user(c.Euid), e.user(c.Uid), e.user(c.Suid)
	o.Group, o.RealGroup, o.SavedGroup = e.group(c.Egid), e.group(c.Gid), e.group(c.Sgid)
	o.Permitted, o.Effective = capNames(c.CapPermitted), capNames(c.CapEffective)
	k.Exe = event.Exe{Deleted: p.ExeDeleted, Truncated: p.ArgsCut}
	if p.ExeIno != 0 {
		k.Exe.Origin, k.Exe.Mode = originName(p.ExeOrigin), octal(p.ExeMode)
	}
	if e.exec != nil {
		k.Exe.Requested = string(e.execTexts.Filename)
	}
}

// exitCode is what a shell would tell: the status, or 128 and the number of the signal.
func exitCode(code uint32) int {
	if signal := code & 0x7f; signal != 0 {
		return 128 + int(signal)
	}
	return int(code >> 8 & 0xff)
}

// processOf is what a document tells of any process of the table.
func (e *Event) processOf(p *Process) event.Process {
	o := e.programOf(p.Key, p.Name, p.ExePath, p.Args, p.TTY)
	o.VPID, o.WorkingDirectory = int(p.VPID), p.Cwd
	o.ArgsCount = max(len(p.Args), int(p.Argc))
	return o
}

// programOf is what is known of a process and of what it ran.
func (e *Event) programOf(k Key, name, exePath string, args []string, tty uint32) event.Process {
	return event.Process{
		PID: int(k.PID), EntityID: e.entityID(k), StartNs: e.stream.wall(k.StartNs), Name: name, Executable: exePath,
		Args: scrub.Argv(event.ClipList(args)), ArgsCount: len(args),
		TTYMajor: int(tty >> 20), TTYMinor: int(tty & (1<<20 - 1)), Interactive: boolText(tty != 0),
	}
}

// describeRelated tells of the parent and of the leaders of session and process group, as far as they are known.
func (e *Event) describeRelated(k *event.Kernel) {
	if p := e.parent(); p != nil {
		k.Parent = e.processOf(p)
	} else if h := e.head; h.Ppid != 0 {
		key := parentOf(h)
		k.Parent = event.Process{
			PID: int(key.PID), EntityID: e.entityID(key), StartNs: e.stream.wall(key.StartNs), Name: strings.Clone(commOf(&h.ParentComm)),
		}
	}
	if p := e.sessionLeader(); p != nil {
		k.SessionLeader = e.processOf(p)
	}
	if p := e.groupLeader(); p != nil {
		k.GroupLeader = e.processOf(p)
	}
}

// describeSession tells how the process came into its container: of the first process there, what it was then.
func (e *Event) describeSession(k *event.Kernel) {
	s := e.process.Session
	if s == nil {
		return
	}
	k.Entry, k.EntryBy = string(s.Entry), s.ByName
	k.EntryLeader = e.programOf(s.Leader, s.Name, s.ExePath, s.Args, s.TTY)
	k.EntryLeader.ArgsCount = max(len(s.Args), int(s.Argc))
	k.SID = k.EntryLeader.EntityID
	if p := e.stream.processes.Find(s.Leader); p != nil {
		k.EntryLeader.VPID = int(p.VPID)
	}
}

// describeCall tells the arguments of a call.
func (e *Event) describeCall(k *event.Kernel) {
	switch {
	case e.mount != nil:
		m := &k.Mount
		m.Called, m.Target, m.FSType = true, string(e.mountTexts.Target), string(e.mountTexts.FSType)
		m.Data = scrub.Text(string(e.mountTexts.Data))
		e.eachMountFlag(func(flag string) { m.Flags = append(m.Flags, flag) })
		if e.mount.Op != opFsconfig {
			m.Source = scrub.Text(string(e.mountTexts.Source))
			return
		}
		m.Key, m.Command = string(e.mountTexts.Source), fsconfigCommand(e.mount.Flags)
		if !scrubbedOption(m.Key, m.Data) {
			m.Data = "***"
		}
	case e.ns != nil:
		eachName(e.ns.Flags, cloneFlags, func(n flagName) { k.NSFlags = append(k.NSFlags, n.own) })
		k.NSTarget = e.nsTarget()
	case e.ptrace != nil:
		k.Ptrace = event.Ptrace{
			Request: string(appendFlags(nil, uint64(e.ptrace.Request), ptraceRequests)),
			PID:     int(e.ptrace.TargetPid), Name: strings.Clone(commOf(&e.ptrace.TargetComm)), Target: e.ptraceTarget(),
		}
	}
}

// describeCreds tells credentials before and after a call of the setuid family, and where an exec changed rights.
func (e *Event) describeCreds(k *event.Kernel) {
	k.Direction = e.direction()
	if e.creds == nil && (e.exec == nil || e.before == nil || k.Direction == directionNone) {
		return
	}
	k.GainedCaps = capNames(e.gainedCaps())
	k.Before, k.After = credOf(e.before), credOf(&e.head.Cred)
}

func credOf(c *bpf.Cred) event.Cred {
	return event.Cred{
		UID: idText(c.Uid), EUID: idText(c.Euid), SUID: idText(c.Suid), FSUID: idText(c.Fsuid),
		GID: idText(c.Gid), EGID: idText(c.Egid), SGID: idText(c.Sgid), FSGID: idText(c.Fsgid),
		Caps: capNames(c.CapPermitted), UserNSLevel: idText(c.UsernsLevel),
	}
}

// describeBlind tells what could not be seen of the event.
func (e *Event) describeBlind(d *event.Details) {
	note := func(flag uint32, s string) {
		if set, _ := e.flag(flag); set {
			d.Blind = append(d.Blind, s)
		}
	}
	note(bpf.FlagArgvFault, "arguments: the process' memory could not be read")
	note(bpf.FlagPathCut, "a path or another text: it is longer than what is recorded")
}
