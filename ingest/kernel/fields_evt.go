package kernel

import (
	"slices"
	"strconv"
	"time"

	"github.com/parallax-sec/parallax/event"
)

func evtFields() []event.Field {
	name := row("evt.type", event.Text, ofText((*Event).Type), "Name of the system call, such as mount; procexit where a process ended, drop where records were lost.")
	name.Traced = tracedTypes()
	dir := row("evt.dir", event.Text, ofText(func(*Event) string { return "<" }), "< since events are told where a system call returns.")
	dir.Traced = []string{"<"}
	return append(evtTimeFields(), []event.Field{
		name, dir,
		row("evt.num", event.Number, ofNumber(func(e *Event) (uint64, bool) { return e.number, true }),
			"Number of the event in its stream, from 1."),
		row("evt.source", event.Text, ofText(func(*Event) string { return "syscall" }), "The source of the event: syscall."),
		row("evt.hostname", event.Text, ofText(func(e *Event) string { return e.stream.start.Node }), "Name of the node."),
		row("evt.is_async", event.Bool, ofBool(func(*Event) (bool, bool) { return false, true }),
			"The event was put into the stream from beside; none is."),
		blank("evt.asynctype", event.Text, "no event is put into the stream from beside", "Kind of an event that was put into the stream from beside."),
		rowArg("evt.type.is", event.Number, event.ArgKey, func(e *Event, a *event.Arg, v *event.Value) {
			v.SetNumber(0)
			if e.Type() == a.Text {
				v.SetNumber(1)
			}
		}, "1 where the system call is the one named in the brackets, else 0."),
		row("evt.category", event.Text, ofText((*Event).category), "Group of the system call: process, file, user, system, or internal where records were lost."),
		row("evt.cpu", event.Number, ofNumber(func(e *Event) (uint64, bool) { return e.cpu(), true }), "Processor on which it happened."),
		row("evt.count", event.Number, ofNumber(func(*Event) (uint64, bool) { return 1, true }), "1 for every event."),
		row("evt.deltatime", event.Number, ofNumber(func(e *Event) (uint64, bool) { return positive(e.timeNs - e.stream.lastNs), e.number > 1 }),
			"Nanoseconds since the event before."),
		row("evt.res", event.Text, ofText((*Event).resultName), "SUCCESS, or the name of the error that the system call returned."),
		row("evt.rawres", event.Int, ofInt((*Event).returned), "What the system call returned."),
		row("evt.failed", event.Bool, ofBool(func(e *Event) (bool, bool) { n, ok := e.returned(); return n < 0, ok }), "The system call returned an error."),
		blank("evt.latency", event.Number, noEntryTime, "Nanoseconds between entry and return."),
		blank("evt.buffer", event.Bytes, noIO, "What was read or written, as far as it was recorded."),
		blank("evt.buflen", event.Number, noIO, "How many bytes were read or written."),
		blank("evt.is_io", event.Bool, noIO, "The system call reads or writes."),
		blank("evt.is_io_read", event.Bool, noIO, "The system call reads."),
		blank("evt.is_io_write", event.Bool, noIO, "The system call writes."),
		blank("evt.io_dir", event.Text, noIO, "read or write."),
		blank("evt.is_wait", event.Bool, "waiting is not traced", "The system call waits."),
		blank("evt.is_syslog", event.Bool, noLog, "Something was written to the system's log."),
		blank("evt.is_open_read", event.Bool, noIO, "A file was opened to be read."),
		blank("evt.is_open_write", event.Bool, noIO, "A file was opened to be written."),
		blank("evt.is_open_exec", event.Bool, noIO, "A file was made or opened that may be executed."),
		blank("evt.is_open_create", event.Bool, noIO, "A file was made by opening it."),
		blank("evt.abspath", event.Text, noIO, "Path that a system call on a path names, made absolute."),
		blank("evt.abspath.src", event.Text, noIO, "First of two paths, made absolute."),
		blank("evt.abspath.dst", event.Text, noIO, "Second of two paths, made absolute."),
	}...)
}

// tracedTypes are all values of evt.type.
func tracedTypes() []string {
	return slices.Concat([]string{typeExecve, typeExecveat, typeClone, typeExit, typePtrace, typeDrop}, mountNames[1:], credNames[1:], nsNames[1:])
}

func evtTimeFields() []event.Field {
	at := func(name, layout, doc string) event.Field {
		return row(name, event.Text, ofMade(func(e *Event, dst []byte) ([]byte, bool) {
			return time.Unix(0, e.timeNs).UTC().AppendFormat(dst, layout), true
		}), doc)
	}
	number := func(name string, f func(*Event) uint64, doc string) event.Field {
		return row(name, event.Number, ofNumber(func(e *Event) (uint64, bool) { return f(e), true }), doc)
	}
	raw := func(e *Event) uint64 { return positive(e.timeNs) }
	since := func(e *Event) uint64 { return positive(e.timeNs - e.stream.wall(e.stream.start.BootNs)) }
	return []event.Field{
		at("evt.time", "15:04:05.000000000", "Time of day of the event, with nanoseconds, UTC."),
		at("evt.time.s", "15:04:05", "Time of day of the event, to the second, UTC."),
		at("evt.time.iso8601", "2006-01-02T15:04:05.000000000-0700", "Time of the event in ISO 8601, UTC, with nanoseconds."),
		at("evt.datetime", "2006-01-02 15:04:05.000000000", "Date and time of the event, with nanoseconds, UTC."),
		at("evt.datetime.s", "2006-01-02 15:04:05", "Date and time of the event, to the second, UTC."),
		number("evt.rawtime", raw, "Time of the event in nanoseconds since 1970."),
		number("evt.rawtime.s", func(e *Event) uint64 { return raw(e) / 1e9 }, "Seconds since 1970."),
		number("evt.rawtime.ns", func(e *Event) uint64 { return raw(e) % 1e9 }, "Nanoseconds within the second."),
		number("evt.reltime", since, "Nanoseconds since the sensor started."),
		number("evt.reltime.s", func(e *Event) uint64 { return since(e) / 1e9 }, "Seconds since the sensor started."),
		number("evt.reltime.ns", func(e *Event) uint64 { return since(e) % 1e9 }, "Nanoseconds within the second since the sensor started."),
	}
}

// positive is n, or 0 where it is negative: records of different processors may be a little out of order.
func positive(n int64) uint64 { return uint64(max(n, 0)) }

// category is the group that Falco puts a system call in.
func (e *Event) category() string {
	switch {
	case e.lost != nil:
		return "internal"
	case e.mount != nil:
		return "file"
	case e.creds != nil:
		return "user"
	case e.ns != nil:
		return "system"
	}
	return "process"
}

func (e *Event) cpu() uint64 {
	if e.lost != nil {
		return uint64(e.lost.CPU)
	}
	return uint64(e.head.Cpu)
}

// returned is what the system call returned; ok is false where the event is about none.
func (e *Event) returned() (n int64, ok bool) {
	switch {
	case e.exec != nil:
		return int64(e.exec.Ret), true
	case e.mount != nil:
		return e.mount.Ret, true
	case e.creds != nil:
		return int64(e.creds.Ret), true
	case e.ns != nil:
		return int64(e.ns.Ret), true
	case e.ptrace != nil:
		return e.ptrace.Ret, true
	}
	return 0, e.lost == nil && e.exit == nil // a fork, which returned 0 to the child that the event is about
}

// resultName is SUCCESS or the name of the error, as Falco's evt.res has it; "" where nothing was returned.
func (e *Event) resultName() string {
	n, ok := e.returned()
	switch {
	case !ok:
		return ""
	case n >= 0:
		return "SUCCESS"
	}
	return errnoName(n)
}

// errnoName is the name of a negative error, or its number where the kernel has no such error.
func errnoName(n int64) string {
	if -n < int64(len(errnoNames)) && n < 0 && errnoNames[-n] != "" {
		return errnoNames[-n]
	}
	return strconv.FormatInt(n, 10)
}
