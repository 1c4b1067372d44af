package kernel

import (
	"github.com/parallax-sec/parallax/bpf"
)

// maxAncestors is how far up ancestors are looked for: a forged recording may make processes each other's parents.
const maxAncestors = 256

// parent is the parent where the table knows it.
func (e *Event) parent() *Process { return e.ancestor(1) }

// ancestor is the process n steps up, 0 being the process itself; nil where the table knows none.
func (e *Event) ancestor(n int) *Process {
	if n > maxAncestors {
		return nil
	}
	p := e.process
	for range n {
		if p == nil {
			return nil
		}
		p = e.stream.processes.Parent(p)
	}
	return p
}

// ancestors calls f with each ancestor, the parent first, until f returns false.
func (e *Event) ancestors(f func(*Process) bool) {
	if e.process != nil {
		e.stream.processes.Ancestors(e.process, maxAncestors, f)
	}
}

// leader is the process whose id is that of p's session or process group; nil where the table does not know it.
func (e *Event) leader(pid uint32) *Process {
	if e.process == nil || pid == 0 {
		return nil
	}
	if pid == e.process.PID {
		return e.process
	}
	return e.stream.processes.At(pid, e.process.StartNs)
}

func (e *Event) sessionLeader() *Process { return e.leader(e.sid()) }

func (e *Event) groupLeader() *Process { return e.leader(e.pgid()) }

func (e *Event) sid() uint32 {
	if e.process == nil {
		return 0
	}
	return e.process.SID
}

func (e *Event) pgid() uint32 {
	if e.process == nil {
		return 0
	}
	return e.process.PGID
}

// parentName is the parent's name: the table's, or the one that the record tells where the table does not know the parent.
func (e *Event) parentName() string {
	if p := e.parent(); p != nil {
		return p.Name
	}
	if e.head == nil || e.head.Ppid == 0 {
		return ""
	}
	return commOf(&e.head.ParentComm)
}

// commOf is a name as the kernel keeps it, in the record's own memory.
func commOf(c *[16]uint8) string { return alias(comm(c)) }

// argv0 is the first argument.
func argv0(p *Process) string {
	if len(p.Args) == 0 {
		return ""
	}
	return p.Args[0]
}

// appendArgs appends the arguments without the first, with blanks between them.
func appendArgs(dst []byte, args []string) []byte {
	for i := 1; i < len(args); i++ {
		if i > 1 {
			dst = append(dst, ' ')
		}
		dst = append(dst, args[i]...)
	}
	return dst
}

// appendLine appends a first word and the arguments without the first.
func appendLine(dst []byte, first string, args []string) []byte {
	dst = append(dst, first...)
	if len(args) > 1 {
		dst = appendArgs(append(dst, ' '), args)
	}
	return dst
}

// terminal is a terminal as /proc/PID/stat and Falco number it (new_encode_dev of the kernel); 0 is none.
func terminal(tty uint32) int64 {
	major, minor := tty>>20, tty&(1<<20-1)
	return int64(minor&0xff | major<<8 | minor&^0xff<<12)
}

// exeFlags are the flags that Falco tells of an executable.
func (e *Event) exeFlags() (flags uint64) {
	p := e.process
	if w, _ := e.exeWritable(); w {
		flags |= 1
	}
	switch p.ExeOrigin {
	case originUpper:
		flags |= 2
	case originMemfd:
		flags |= 4
	case originLower:
		flags |= 8
	}
	return flags
}

// exeWritable says whether the process may write to its executable, or make it writable, by owner, mode and capabilities; supplementary
// groups and read-only mounts are not looked at. It is known for execs only.
func (e *Event) exeWritable() (writable, ok bool) {
	if e.exec == nil || e.exec.ExeIno == 0 {
		return false, false
	}
	c := &e.head.Cred
	const dacOverride, fowner = 1 << 1, 1 << 3
	switch mode := e.exec.ExeMode; {
	case c.CapEffective&(dacOverride|fowner) != 0, c.Fsuid == e.exec.ExeUid, mode&0o002 != 0:
		return true, true
	default:
		return mode&0o020 != 0 && c.Fsgid == e.exec.ExeGid, true
	}
}

// Where an executable comes from: enum exe_origin.
const (
	originUnknown = iota
	originLower
	originUpper
	originVolume
	originMemfd
	originRoot
)

// originNames are our names of them.
var originNames = [...]string{"unknown", "lower", "upper", "volume", "memfd", "root"}

func originName(origin uint32) string {
	if origin < uint32(len(originNames)) {
		return originNames[origin]
	}
	return originNames[originUnknown]
}

// flag says whether a flag of the record is set; ok is false where there is no record.
func (e *Event) flag(f uint32) (set, ok bool) {
	if e.head == nil {
		return false, false
	}
	return e.head.Flags&f != 0, true
}

// falcoCred are the credentials as Falco's state has them: it does not see that a new user namespace gives all capabilities.
func (e *Event) falcoCred() *bpf.Cred {
	if e.ns != nil && e.before != nil {
		return e.before
	}
	return &e.head.Cred
}
