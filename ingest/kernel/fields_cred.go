package kernel

import (
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

func credFields() []event.Field {
	var out []event.Field
	sides := []struct {
		prefix, doc string
		of          func(*Event) *bpf.Cred
	}{
		{"cred.", "after the event", func(e *Event) *bpf.Cred {
			if e.head == nil {
				return nil
			}
			return &e.head.Cred
		}},
		{"cred.before.", "before it, where that is known", func(e *Event) *bpf.Cred { return e.before }},
	}
	for _, s := range sides {
		number := func(name string, f func(*bpf.Cred) uint32, doc string) {
			out = append(out, row(s.prefix+name, event.Number, ofNumber(func(e *Event) (uint64, bool) {
				if c := s.of(e); c != nil {
					return uint64(f(c)), true
				}
				return 0, false
			}), doc+" "+s.doc+"."))
		}
		number("uid", func(c *bpf.Cred) uint32 { return c.Uid }, "Real user id")
		number("euid", func(c *bpf.Cred) uint32 { return c.Euid }, "Effective user id")
		number("suid", func(c *bpf.Cred) uint32 { return c.Suid }, "Saved user id")
		number("fsuid", func(c *bpf.Cred) uint32 { return c.Fsuid }, "User id for files")
		number("gid", func(c *bpf.Cred) uint32 { return c.Gid }, "Real group id")
		number("egid", func(c *bpf.Cred) uint32 { return c.Egid }, "Effective group id")
		number("sgid", func(c *bpf.Cred) uint32 { return c.Sgid }, "Saved group id")
		number("fsgid", func(c *bpf.Cred) uint32 { return c.Fsgid }, "Group id for files")
		number("userns_level", func(c *bpf.Cred) uint32 { return c.UsernsLevel }, "Level of the user namespace, 0 being the node's,")
		caps := row(s.prefix+"caps", event.Text, func(e *Event, _ *event.Arg, v *event.Value) {
			if c := s.of(e); c != nil {
				appendCaps(v, c.CapPermitted)
			}
		}, "Permitted capabilities "+s.doc+": CAP_SYS_ADMIN and so on.")
		caps.List = true
		out = append(out, caps)
	}
	direction := row("cred.direction", event.Text, ofText((*Event).direction),
		"What an exec or a call of the setuid family did to the process' rights: gain where an id became 0 or a permitted capability is new, drop where it is the "+
			"other way round, else none.")
	direction.Values = []string{directionGain, directionDrop, directionNone}
	gained := row("cred.gained_caps", event.Text, func(e *Event, _ *event.Arg, v *event.Value) { appendCaps(v, e.gainedCaps()) },
		"Permitted capabilities that an exec or a call of the setuid family gave, in the same user namespace.")
	gained.List = true
	return append(out, direction, gained,
		row("cred.gained", event.Bool, ofBool(func(e *Event) (bool, bool) { d := e.direction(); return d == directionGain, d != "" }),
			"An exec or a call of the setuid family gave rights: cred.direction is gain."),
		row("cred.secure_exec", event.Bool, ofFlag(bpf.FlagSecureExec), "The kernel holds that an exec gained rights (AT_SECURE)."),
	)
}

// appendCaps makes v the list of capabilities.
func appendCaps(v *event.Value, caps uint64) {
	for i, n := range capabilities {
		if caps>>i&1 != 0 {
			v.Append(n)
		}
	}
}
