package kernel

import (
	"bytes"
	"hash/maphash"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
)

// Bounds of what is kept of a program's texts. Each argument takes a string's head besides its bytes, which maxArgs bounds.
const (
	maxArgs     = 512
	stringBytes = 16
	// programBytes is what a Program takes besides its texts.
	programBytes = 192
)

// program is what an exec started.
func (t *Table) program(r *bpf.Exec, x bpf.ExecTexts) *Program {
	cut := r.Head.Flags&bpf.FlagPathCut != 0
	p := &Program{
		ExePath: t.path(x.Exe, cut), Cwd: "/",
		ArgsCut: r.Head.Flags&bpf.FlagArgvCut != 0, Argc: r.Argc, ArgvBytes: r.ArgvTotal,
		ExecNs: r.Head.TimeNs, ExeOrigin: r.ExeOrigin, ExeDeleted: r.Head.Flags&bpf.FlagExeDeleted != 0,
		ExeIno: r.ExeIno, ExeDev: r.ExeDev, ExeCtimeNs: r.ExeCtimeNs, ExeMtimeNs: r.ExeMtimeNs, ExeMode: r.ExeMode,
	}
	if len(x.Cwd) > 0 {
		p.Cwd = t.path(x.Cwd, cut)
	}
	var cutHere bool
	p.Args, cutHere = t.texts.argv(x.Argv)
	p.ArgsCut = p.ArgsCut || cutHere
	p.bytes = programBytes + len(p.ExePath) + len(p.Cwd) + argsBytes(p.Args)
	return p
}

func argsBytes(args []string) int {
	n := len(args) * stringBytes
	for _, a := range args {
		n += len(a) + 1
	}
	return n
}

// Of a path of which the record says that some path was cut, these tell that it was this one: the kernel stops where the next component
// might not find room (bpf/c/paths.h), or after 64 steps, some of which are mounts.
const (
	cutPathBytes = 1024 - 256
	cutPathSteps = 32
)

// path makes a path of components, the leaf first, each ending in NUL. A path that was cut lacks its beginning, and its slash. A lone
// memfd has no slash either: it is in no folder.
func (t *Table) path(components []byte, cut bool) string {
	cut = cut && (len(components) > cutPathBytes || bytes.Count(components, []byte{0}) >= cutPathSteps)
	out := t.pathBuffer[:0]
	for rest := components; len(rest) > 0; {
		rest = bytes.TrimSuffix(rest, []byte{0})
		at := bytes.LastIndexByte(rest, 0) + 1
		if len(out) > 0 || !cut && !(at == 0 && bytes.HasPrefix(rest, []byte("memfd:"))) {
			out = append(out, '/')
		}
		out = append(out, rest[at:]...)
		rest = rest[:at]
	}
	t.pathBuffer = out
	return t.texts.of(out)
}

// comm is a task's name without what stands behind it.
func comm(c *[16]uint8) []byte {
	if i := bytes.IndexByte(c[:], 0); i >= 0 {
		return c[:i]
	}
	return c[:]
}

// internedTexts lets processes share their texts: shells and probes start the same programs over and over. It holds what was asked for
// last, in a fixed number of places, and never more than a few hundred KiB.
type internedTexts struct {
	seed    maphash.Seed
	strings [1024]string
	argvs   [512]argv
}

type argv struct {
	block string
	args  []string
}

// Longer texts are not worth a place.
const (
	internedString = 128
	internedArgv   = 512
	internedArgs   = 32
)

func (t *internedTexts) of(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internedString {
		return string(b)
	}
	at := &t.strings[maphash.Bytes(t.seed, b)%uint64(len(t.strings))]
	if *at != string(b) {
		*at = string(b)
	}
	return *at
}

// rename returns b as a string, which is old where that is the same.
func (t *internedTexts) rename(old string, b []byte) string {
	if old == string(b) {
		return old
	}
	return t.of(b)
}

// argv splits a block of arguments, each ending in NUL but perhaps the last, and says whether some were left out.
func (t *internedTexts) argv(block []byte) (args []string, cut bool) {
	if len(block) == 0 {
		return nil, false
	}
	if len(block) > internedArgv {
		return splitArgv(string(block))
	}
	at := &t.argvs[maphash.Bytes(t.seed, block)%uint64(len(t.argvs))]
	if at.block == string(block) {
		return at.args, false
	}
	s := string(block)
	if args, cut = splitArgv(s); len(args) <= internedArgs {
		*at = argv{s, args}
	}
	return args, cut
}

func splitArgv(block string) (args []string, cut bool) {
	n := strings.Count(block, "\x00")
	if block[len(block)-1] != 0 {
		n++
	}
	args = make([]string, 0, min(n, maxArgs))
	for len(args) < cap(args) {
		arg, rest, _ := strings.Cut(block, "\x00")
		args = append(args, arg)
		block = rest
	}
	return args, n > maxArgs
}
