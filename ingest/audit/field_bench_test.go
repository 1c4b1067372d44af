package audit

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// BenchmarkFields measures what it costs to ask for a field, the event being decoded anew each time; "none" is the decoding alone.
func BenchmarkFields(b *testing.B) {
	line := []byte(written("a", `,"objectRef":{"resource":"pods","namespace":"dev","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201},"requestObject":{"spec":`+
		cleanSpec+`}`))
	table := newFieldTable()
	for _, name := range []string{
		"none", "audit.act", "audit.done", "audit.ok", "audit.dry", "audit.actor.class", "audit.actor.admin", "jevt.value[/stage]",
		"jevt.value[/requestObject/spec/hostPID]", "ka.req.pod.containers.image", "audit.pod.hostpid", "audit.ctr.privileged", "audit.ctr.hostpaths.under",
	} {
		b.Run(name, func(b *testing.B) {
			var q *question
			if name != "none" {
				q = table.question(b, name)
			}
			var e Event
			var v event.Value
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.decode(line, false, &tail{}); err != nil {
					b.Fatal(err)
				}
				if q != nil {
					q.Get(&e, &q.arg, &v)
				}
			}
		})
	}
}
