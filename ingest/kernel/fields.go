package kernel

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// missing is said of most fields: there is a value where the event has one.
const missing = "the event has nothing of the kind"

// Why some fields of Falco's are not traced.
const (
	noFiles     = "open files are not traced"
	noNetwork   = "connections are not traced"
	noIO        = "reading, writing and opening of files are not traced"
	noUsage     = "what processes use is not recorded"
	noEnv       = "environments hold secrets and are not recorded"
	noRuntime   = "only the runtime's socket would tell, and that is never asked"
	noAPI       = "the sensor does not ask the API server"
	noCgroup    = "of a process, only its own control group is recorded"
	noEntryTime = "only the return of a system call is recorded"
	noArgument  = "no system call that is traced has this argument"
	noLog       = "messages to the system's log are not traced"
	noPasswd    = "of users, only their names are read"
)

// Fields returns the table of the fields of system calls: Falco's, and our own. Every call returns a new table.
func Fields() []event.Field {
	fields := slices.Concat(
		evtFields(), evtArgFields(), procFields(), relatedFields(), ancestorFields(), stdFields(), threadFields(), fdFields(), addressFields(),
		userFields(), containerFields(), kubernetesFields(), otherFields(), ownFields(),
	)
	for i := range fields {
		f := &fields[i]
		f.Source, f.Cost = event.SourceKernel, 1
		if f.From == "" {
			f.From = "system calls"
		}
		if f.Null == "" {
			f.Null = missing
		}
	}
	return fields
}

// getter sets a cleared value to what a field is in an event, or leaves it missing.
type getter func(*Event, *event.Arg, *event.Value)

func (g getter) get(e event.Event, a *event.Arg, v *event.Value) {
	v.Clear()
	g(e.(*Event), a, v)
}

// row is a field that is traced.
func row(name string, t event.Type, g getter, doc string) event.Field {
	return event.Field{Name: name, Type: t, Doc: doc, Get: g.get}
}

// rowArg is a field that is traced and takes an argument.
func rowArg(name string, t event.Type, arg event.ArgKind, g getter, doc string) event.Field {
	f := row(name, t, g, doc)
	f.Arg = arg
	return f
}

// blank is a field of Falco's that is not traced; why says why.
func blank(name string, t event.Type, why, doc string) event.Field {
	return event.Field{Name: name, Type: t, Doc: doc, Untraced: why}
}

// blankArg is blank for a field that takes an argument.
func blankArg(name string, t event.Type, arg event.ArgKind, why, doc string) event.Field {
	f := blank(name, t, why, doc)
	f.Arg = arg
	return f
}

// ofText is the field whose value is a text, missing where it is empty.
func ofText(f func(*Event) string) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) { setFilled(v, f(e)) }
}

// ofMade is the field whose value is a text that is made for it; made appends it, and says whether there is one.
func ofMade(made func(e *Event, dst []byte) ([]byte, bool)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) { e.setMade(v, made) }
}

// ofNumber is the field whose value is a number, where there is one.
func ofNumber(f func(*Event) (uint64, bool)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) {
		if n, ok := f(e); ok {
			v.SetNumber(n)
		}
	}
}

// ofInt is ofNumber for signed numbers.
func ofInt(f func(*Event) (int64, bool)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) {
		if n, ok := f(e); ok {
			v.SetInt(n)
		}
	}
}

// ofBool is the field that is true or false, where it is known.
func ofBool(f func(*Event) (value, known bool)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) {
		if b, ok := f(e); ok {
			v.SetBool(b)
		}
	}
}

// ofProcess is the field of the process that which finds; missing where there is none.
func ofProcess(which func(*Event) *Process, g func(*Event, *Process, *event.Value)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) {
		if p := which(e); p != nil {
			g(e, p, v)
		}
	}
}

// setFilled sets v to s where s is not empty.
func setFilled(v *event.Value, s string) {
	if s != "" {
		v.SetText(s)
	}
}

// setMade sets v to a text in the event's own memory.
func (e *Event) setMade(v *event.Value, made func(*Event, []byte) ([]byte, bool)) {
	if b, ok := made(e, e.texts.begin()); ok {
		v.SetText(e.texts.end(b))
	}
}
