package kerneltest

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/bpf"
)

// exec takes that a process started a program, or could not.
func (w *world) exec(k *execLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	if k.Exe == "" {
		return fmt.Errorf("no exe")
	}
	if k.Kthread && p.parent != nil {
		p.parent.kthread = true
	}
	r, err := w.program(p, k)
	if err != nil {
		return err
	}
	if k.Ret == 0 {
		p.runs(k, r)
	}
	flags := r.Head.Flags
	r.Head = w.head(p, bpf.KindExec, k.CPU)
	r.Head.Flags |= flags
	if k.Ret == 0 && w.scope(p) != 0 {
		if !p.started {
			r.Head.Flags |= bpf.FlagEntry
		}
		p.started, p.marked = true, true
	}
	k.put(w, r)
	return nil
}

// program is the record of an exec, without its head but for the flags that tell of the program.
func (w *world) program(p *process, k *execLine) (*bpf.Exec, error) {
	r := &bpf.Exec{
		ExeIno: cmp.Or(k.Inode, 4242), ExeDev: cmp.Or(k.Device, 0x100012), ExeUid: k.Owner, ExeGid: k.Group, Ret: int32(k.Ret),
	}
	switch {
	case k.Origin != "":
		origin, ok := origins[k.Origin]
		if !ok {
			return nil, fmt.Errorf("origin %q: want lower, upper, volume, memfd, root or unknown", k.Origin)
		}
		r.ExeOrigin = origin
	case p.container != nil:
		r.ExeOrigin = origins["lower"]
	default:
		r.ExeOrigin = origins["root"]
	}
	r.ExeMode = 0o100755
	if k.Mode != nil {
		r.ExeMode = 0o100000 | uint32(*k.Mode)
	}
	if k.Deleted {
		r.Head.Flags |= bpf.FlagExeDeleted
	}
	if k.Execveat {
		r.Execveat = 1
	}
	// The image is a year older than the stream.
	old := w.offsetNs - int64(365*24*time.Hour)
	var err error
	if r.ExeCtimeNs, err = fileTime(k.Changed, old); err == nil {
		r.ExeMtimeNs, err = fileTime(k.Written, old)
	}
	return r, err
}

func fileTime(text string, otherwise int64) (uint64, error) {
	if text == "" {
		return uint64(max(otherwise, 0)), nil
	}
	t, err := parseTime(text)
	return uint64(t.UnixNano()), err
}

// runs lets the process run a program: its name, and the rights that the file gives.
func (p *process) runs(k *execLine, r *bpf.Exec) {
	h := &p.head
	if k.Comm == "" {
		h.Comm = comm(path.Base(k.Exe))
	}
	before := h.Cred
	if h.Flags&bpf.FlagNoNewPrivs == 0 {
		if r.ExeMode&0o4000 != 0 {
			h.Cred.Euid, h.Cred.Suid, h.Cred.Fsuid = r.ExeUid, r.ExeUid, r.ExeUid
			r.Head.Flags |= bpf.FlagSetuidFile
		}
		if r.ExeMode&0o2000 != 0 {
			h.Cred.Egid, h.Cred.Sgid, h.Cred.Fsgid = r.ExeGid, r.ExeGid, r.ExeGid
			r.Head.Flags |= bpf.FlagSetuidFile
		}
		if h.Cred.Euid == 0 && before.Euid != 0 {
			h.Cred.CapPermitted, h.Cred.CapEffective = h.Cred.CapBounding, h.Cred.CapBounding
		}
		if k.FileCaps != nil {
			caps := uint64(*k.FileCaps) & h.Cred.CapBounding
			h.Cred.CapPermitted |= caps
			h.Cred.CapEffective |= caps
		}
	}
	if h.Cred != before {
		r.Head.Flags |= bpf.FlagSecureExec
	}
}

// put adds the record with its texts to the stream.
func (k *execLine) put(w *world, r *bpf.Exec) {
	argv := k.Argv
	if argv == nil {
		argv = []string{k.Exe}
	}
	block := []byte(strings.Join(argv, "\x00") + "\x00")
	if len(argv) == 0 {
		block = nil
	}
	r.Argc, r.ArgvTotal = cmp.Or(k.Argc, uint32(len(argv))), cmp.Or(k.ArgvTotal, uint32(len(block)))
	flags := &r.Head.Flags
	if k.ArgvCut {
		*flags |= bpf.FlagArgvCut
	}
	if k.ArgvFault {
		*flags |= bpf.FlagArgvFault
		block = nil
	}
	texts := [][]byte{
		cutText(cmp.Or(k.Filename, k.Exe), flags), cut(components(k.Exe), maxText, flags, bpf.FlagPathCut),
		cut(components(cmp.Or(k.Cwd, "/")), maxText, flags, bpf.FlagPathCut), cut(block, maxArgv, flags, bpf.FlagArgvCut),
	}
	r.FilenameLen, r.ExeLen, r.CwdLen, r.ArgvLen = length(texts[0]), length(texts[1]), length(texts[2]), length(texts[3])
	record(w, r, &r.Head, texts...)
}

func length(b []byte) uint16 { return uint16(len(b)) }

// components is a path as records have it: from the leaf to the root, each component ending in NUL.
func components(p string) []byte {
	var out []byte
	for _, c := range slices.Backward(strings.Split(p, "/")) {
		if c != "" {
			out = append(append(out, c...), 0)
		}
	}
	return out
}
