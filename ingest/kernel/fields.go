package kernel

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// untraced is why rules that name these fields are blind.
const untraced = "the kernel sensor is not part of this version"

// missing is when a field of a process, file or container has no value.
const missing = "the event has nothing of the kind"

// Fields returns the fields of the source syscall, with the names that Falco's rules use (falcosecurity/libs,
// userspace/libsinsp/sinsp_filtercheck_*.cpp). The slice is the caller's.
func Fields() []event.Field {
	fields := slices.Concat(
		evtFields(), evtArgFields(), procFields(), ancestorFields(), threadFields(), fdFields(), addressFields(),
		userFields(), containerFields(), kubernetesFields(), otherFields(),
	)
	for i := range fields {
		f := &fields[i]
		f.Source, f.Cost, f.Untraced = event.SourceKernel, 1, untraced
		if f.From == "" {
			f.From = "system calls"
		}
		if f.Null == "" {
			f.Null = missing
		}
	}
	return fields
}

// row is a field without an argument.
func row(name string, t event.Type, doc string) event.Field {
	return event.Field{Name: name, Type: t, Doc: doc}
}

// rowArg is a field with an argument.
func rowArg(name string, t event.Type, arg event.ArgKind, doc string) event.Field {
	return event.Field{Name: name, Type: t, Arg: arg, Doc: doc}
}
