package kernel

import (
	"slices"
	"strconv"
	"strings"
)

// argument is one argument of a system call, by Falco's name for it.
type argument struct {
	name string
	text func(e *Event, dst []byte) []byte // as people write it
	raw  func(e *Event, dst []byte) []byte // as the kernel holds it; nil where that is the same
}

// arguments are those of the event, in the order in which Falco tells them.
func (e *Event) arguments() []argument {
	switch {
	case e.exec != nil:
		return execArguments
	case e.exit != nil:
		return exitArguments
	case e.mount != nil:
		return mountArguments[e.mount.Op]
	case e.creds != nil:
		return credArguments[e.creds.Op]
	case e.ns != nil:
		return nsArguments[e.ns.Op]
	case e.ptrace != nil:
		return ptraceArguments
	case e.lost != nil:
		return dropArguments
	}
	return cloneArguments
}

// argument finds an argument by its name or position; nil where the event has none of the kind.
func (e *Event) argument(key string, index int) *argument {
	all := e.arguments()
	if index >= 0 {
		if index < len(all) {
			return &all[index]
		}
		return nil
	}
	if i := slices.IndexFunc(all, func(a argument) bool { return a.name == key }); i >= 0 {
		return &all[i]
	}
	return nil
}

// appendRaw appends the argument as the kernel holds it.
func (a *argument) appendRaw(e *Event, dst []byte) []byte {
	if a.raw != nil {
		return a.raw(e, dst)
	}
	return a.text(e, dst)
}

// appendArguments appends all arguments as name=value, with the names of users and flags in brackets behind their numbers.
func (e *Event) appendArguments(dst []byte) []byte {
	for i := range e.arguments() {
		a := &e.arguments()[i]
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(append(dst, a.name...), '=')
		from := len(dst)
		dst = a.appendRaw(e, dst)
		if a.raw != nil {
			dst = a.appendMeaning(e, dst, from)
		}
	}
	return dst
}

// appendMeaning appends the text in brackets where it says more than the raw value, which begins at from.
func (a *argument) appendMeaning(e *Event, dst []byte, from int) []byte {
	end := len(dst)
	dst = a.text(e, append(dst, '('))
	if t := string(dst[end+1:]); t == "" || t == string(dst[from:end]) {
		return dst[:end]
	}
	return append(dst, ')')
}

func callArg(i int) func(*Event) uint64 { return func(e *Event) uint64 { return e.creds.Arg[i] } }

// withoutMagic is the flags of mount(2) without the magic number that old programs put into their upper half.
func withoutMagic(flags uint64) uint64 {
	const magic, mask = 0xC0ED0000, 0xFFFF0000
	if flags&mask == magic {
		return flags &^ mask
	}
	return flags
}

// fsconfigCommand is the name of a command, or its number.
func fsconfigCommand(cmd uint64) string {
	if cmd < uint64(len(fsconfigCommands)) {
		return fsconfigCommands[cmd]
	}
	return strconv.FormatUint(cmd, 10)
}

// argResult is the argument that Falco calls res: what the call returned, by the name of the error where it is one.
func argResult() argument {
	return argument{"res", func(e *Event, dst []byte) []byte {
		n, _ := e.returned()
		if n < 0 {
			return append(dst, errnoName(n)...)
		}
		return strconv.AppendInt(dst, n, 10)
	}, func(e *Event, dst []byte) []byte {
		n, _ := e.returned()
		return strconv.AppendInt(dst, n, 10)
	}}
}

func argNumber(name string, f func(*Event) int64) argument {
	return argument{name: name, text: func(e *Event, dst []byte) []byte { return strconv.AppendInt(dst, f(e), 10) }}
}

func argText(name string, f func(*Event) string) argument {
	return argument{name: name, text: func(e *Event, dst []byte) []byte { return append(dst, f(e)...) }}
}

func argBytes(name string, f func(*Event) []byte) argument {
	return argument{name: name, text: func(e *Event, dst []byte) []byte { return append(dst, f(e)...) }}
}

func argFlags(name string, names []flagName, f func(*Event) uint64) argument {
	return argument{
		name,
		func(e *Event, dst []byte) []byte { return appendFlags(dst, f(e), names) },
		func(e *Event, dst []byte) []byte { return strconv.AppendUint(dst, f(e), 10) },
	}
}

func argCaps(name string, f func(*Event) uint64) argument {
	return argument{
		name,
		func(e *Event, dst []byte) []byte { return appendCapabilities(dst, f(e), '|') },
		func(e *Event, dst []byte) []byte { return strconv.AppendUint(dst, f(e), 10) },
	}
}

// argUser is an argument that is the number of a user: its text is the user's name, or the number where nobody has it.
func argUser(name string, f func(*Event) uint64) argument {
	return argument{
		name,
		func(e *Event, dst []byte) []byte {
			if s, ok := e.userName(uint32(f(e))); ok {
				return append(dst, s...)
			}
			return appendID(dst, uint32(f(e)))
		},
		func(e *Event, dst []byte) []byte { return appendID(dst, uint32(f(e))) },
	}
}

// argGroup is argUser for groups.
func argGroup(name string, f func(*Event) uint64) argument {
	return argument{
		name,
		func(e *Event, dst []byte) []byte {
			if s, ok := e.groupName(uint32(f(e))); ok {
				return append(dst, s...)
			}
			return appendID(dst, uint32(f(e)))
		},
		func(e *Event, dst []byte) []byte { return appendID(dst, uint32(f(e))) },
	}
}

// appendID appends a user or group id; -1 is none, or leave it as it is.
func appendID(dst []byte, id uint32) []byte { return strconv.AppendInt(dst, int64(signed(id)), 10) }

// signed is an id with 0xffffffff as -1.
func signed(id uint32) int64 {
	if id == ^uint32(0) {
		return -1
	}
	return int64(id)
}

// firstArgument is the first argument that an exec was given, or that the process has.
func (e *Event) firstArgument() string {
	if e.exec == nil || e.exec.Ret == 0 {
		return argv0(e.process)
	}
	first, _, _ := strings.Cut(alias(e.execTexts.Argv), "\x00")
	return first
}

// appendOtherArguments appends the others, with blanks between them.
func (e *Event) appendOtherArguments(dst []byte) []byte {
	if e.exec == nil || e.exec.Ret == 0 {
		return appendArgs(dst, e.process.Args)
	}
	_, rest, _ := strings.Cut(alias(e.execTexts.Argv), "\x00")
	for _, c := range []byte(strings.TrimSuffix(rest, "\x00")) {
		if c == 0 {
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}
