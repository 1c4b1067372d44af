package kernel

import (
	"strconv"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

func argvFields() []event.Field {
	number := func(name string, f func(*bpf.Exec) uint64, doc string) event.Field {
		return row(name, event.Number, ofNumber(func(e *Event) (uint64, bool) {
			if e.exec == nil {
				return 0, false
			}
			return f(e.exec), true
		}), doc)
	}
	return []event.Field{
		number("argv.count", func(r *bpf.Exec) uint64 { return uint64(r.Argc) }, "How many arguments an exec was given, the first among them."),
		number("argv.bytes", func(r *bpf.Exec) uint64 { return uint64(r.ArgvTotal) }, "How many bytes those take, each with its end."),
		row("argv.truncated", event.Bool, procBool((*Event).Process, func(p *Process) bool { return p.ArgsCut }),
			"The arguments of the process are longer than what is recorded."),
		row("argv.unreadable", event.Bool, ofFlag(bpf.FlagArgvFault), "The arguments of an exec could not be read."),
	}
}

func exeFields() []event.Field {
	origin := row("exe.origin", event.Text, procText((*Event).Process, func(p *Process) string { return originName(p.ExeOrigin) }),
		"Where the executable comes from: lower with the image, upper the container's writable layer, volume another mount, memfd a file in memory, root a "+
			"root that is no overlay, so that it cannot be told, or unknown.")
	origin.Values = originNames[:]
	exec := func(set func(*Event, *event.Value)) getter {
		return func(e *Event, _ *event.Arg, v *event.Value) {
			if e.exec != nil {
				set(e, v)
			}
		}
	}
	return []event.Field{
		row("exe.name", event.Text, exec(func(e *Event, v *event.Value) { setFilled(v, alias(e.execTexts.Filename)) }),
			"Path that an exec was asked for, as the caller gave it; of a script, the script."),
		origin,
		row("exe.deleted", event.Bool, procBool((*Event).Process, func(p *Process) bool { return p.ExeDeleted }), "The executable has no name any more."),
		row("exe.mode", event.Text, ofMade(func(e *Event, dst []byte) ([]byte, bool) {
			if e.process == nil || e.process.ExeMode == 0 {
				return dst, false
			}
			return strconv.AppendUint(dst, uint64(e.process.ExeMode&0o7777), 8), true
		}), "Mode of the executable in octal: 4755."),
		row("exe.uid", event.Number, exec(func(e *Event, v *event.Value) { v.SetNumber(uint64(e.exec.ExeUid)) }), "Owner of the executable."),
		row("exe.setuid", event.Bool, ofFlag(bpf.FlagSetuidFile), "The executable has a set-user-id or set-group-id bit that counts."),
	}
}
