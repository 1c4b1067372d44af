package audit

import (
	"time"

	"github.com/parallax-sec/parallax/event"
)

// genericFields are the fields of every event of Falco's, as far as its rules of the source k8s_audit may use them.
func genericFields() []event.Field {
	at := func(name, layout, doc string) event.Field {
		return event.Field{
			Name: "evt." + name, Doc: doc, From: "stageTimestamp", Null: "never", Cost: costHead,
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				v.SetText(e.keep(func(dst []byte) []byte { return time.Unix(0, e.timeNs).UTC().AppendFormat(dst, layout) }))
			}),
		}
	}
	number := func(name, doc, from string, f func(*Event) uint64) event.Field {
		return event.Field{
			Name: "evt." + name, Type: event.Number, Doc: doc, From: from, Null: "never",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) { v.SetNumber(f(e)) }),
		}
	}
	constant := func(name, value, doc string) event.Field {
		return event.Field{
			Name: "evt." + name, Doc: doc, From: "a constant", Null: "never", Values: []string{value},
			Get: get(func(_ *Event, _ *event.Arg, v *event.Value) { v.SetText(value) }),
		}
	}
	nothing := func(name, doc, null string) event.Field {
		return event.Field{
			Name: "evt." + name, Doc: doc, From: "nothing", Null: "always: " + null,
			Get: get(func(*Event, *event.Arg, *event.Value) {}),
		}
	}
	async := constant("is_async", "false", "Says whether the event was put into the stream from beside; no audit event is.")
	async.Type = event.Bool
	reltime := func(name, unit string) event.Field {
		return event.Field{
			Name: "evt." + name, Type: event.Number, Doc: "Time since the first event that was read" + unit + ".", From: "stageTimestamp",
			Null:     "always",
			Untraced: "what an alert says may not depend on where reading began",
		}
	}
	return []event.Field{
		number("num", "Number of the event in its file: that of the line that it is read from.", "the file", func(e *Event) uint64 { return e.number }),
		at("time", "15:04:05.000000000", "Time of the event with nanoseconds, UTC."),
		at("time.s", "15:04:05", "Time of the event in seconds, UTC."),
		at("time.iso8601", "2006-01-02T15:04:05.000000000-0700", "Time of the event in ISO 8601 with nanoseconds, UTC."),
		at("datetime", "2006-01-02 15:04:05.000000000", "Date and time of the event with nanoseconds, UTC."),
		at("datetime.s", "2006-01-02 15:04:05", "Date and time of the event in seconds, UTC."),
		number("rawtime", "Time of the event in nanoseconds since 1970.", "stageTimestamp", func(e *Event) uint64 { return uint64(max(e.timeNs, 0)) }),
		number("rawtime.s", "Seconds of the event's time since 1970.", "stageTimestamp", func(e *Event) uint64 { return uint64(max(e.timeNs, 0)) / 1e9 }),
		number("rawtime.ns", "Nanoseconds of the event's time within its second.", "stageTimestamp", func(e *Event) uint64 { return uint64(max(e.timeNs, 0)) % 1e9 }),
		reltime("reltime", " in nanoseconds"),
		reltime("reltime.s", " in seconds"),
		reltime("reltime.ns", ", the nanoseconds within its second"),
		constant("pluginname", "k8saudit", "Name of the plugin that Falco would read the event with."),
		nothing("plugininfo", "Text that a plugin of Falco makes of the event.", "Parallax is no plugin of Falco"),
		constant("source", "k8s_audit", "Source of the event."),
		async,
		nothing("asynctype", "Kind of an event that was put into the stream from beside.", "no audit event is one"),
		nothing("hostname", "Name of the machine that reads the event.", "what an alert says may not depend on who reads the log"),
	}
}
