package falco

import (
	"github.com/parallax-sec/parallax/event"
)

// Fields returns the table of all that can be asked about an alert of Falco. Every call returns a new table.
func Fields() []event.Field {
	fields := []event.Field{
		text("rule", "rule", "never", "Name of Falco's rule.", func(e *Event) string { return e.rule }),
		text("priority", "priority", "never", "How grave Falco calls it.", func(e *Event) string { return e.priority.String() }),
		text("source", "source", "Falco does not say it", "Falco's own source: syscall, k8s_audit, or that of a plugin.", func(e *Event) string { return e.source }),
		text("hostname", "hostname", "Falco does not say it", "Machine that Falco runs on, as Falco calls it.", func(e *Event) string { return e.hostname }),
		text("output", "output", "json_include_output_property is off", "Falco's sentence, with time and priority in front.", func(e *Event) string { return e.output }),
		text("message", "message, output", "Falco does not say it", "Falco's sentence without time and priority.", (*Event).sentence),
		text("uuid", "uuid", "it did not come through falcosidekick", "Id that falcosidekick gave the alert.", func(e *Event) string { return e.uuid }),
		text("sender", "authentication", "never", "Who sent the alert: the name of the certificate, the token or the input.", func(e *Event) string { return e.sender }),
		text("time", "time", "never", "Time of the alert in ISO 8601, UTC: Falco's, or that of receipt where Falco's lies ahead of it.", func(e *Event) string {
			return string(event.AppendTime(nil, e.timeNs))
		}),
		{
			Name: "falco.tags", List: true, From: "tags", Null: "the rule has none", Doc: "Tags of Falco's rule.",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				for _, tag := range e.tags {
					v.Append(tag)
				}
			}),
		},
		{
			Name: "falco.output_fields", Arg: event.ArgKey, Raw: "/", From: "output_fields", Null: "the alert has no such field, or it is null",
			Doc: `Value of an output field: a text as it reads, any other value as compact JSON. A key with brackets is quoted: falco.output_fields["proc.aname[2]"].`,
			Get: get(func(e *Event, a *event.Arg, v *event.Value) {
				if s, ok := e.lookup(a.Text); ok {
					v.SetText(s)
				}
			}),
		},
	}
	for i := range fields {
		f := &fields[i]
		f.Source, f.Cost = event.SourceFalco, 1
		if f.Name == "falco.priority" {
			f.Values = priorityNames[:]
		}
	}
	return fields
}

// text is a field whose value is a text, missing where it is empty.
func text(name, from, null, doc string, f func(*Event) string) event.Field {
	return event.Field{
		Name: "falco." + name, From: from, Null: null, Doc: doc,
		Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
			if s := f(e); s != "" {
				v.SetText(s)
			}
		}),
	}
}

// get adapts a getter, which finds v missing.
func get(g func(*Event, *event.Arg, *event.Value)) func(event.Event, *event.Arg, *event.Value) {
	return func(e event.Event, a *event.Arg, v *event.Value) {
		v.Clear()
		g(e.(*Event), a, v)
	}
}
