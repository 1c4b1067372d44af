package kernel

import "github.com/parallax-sec/parallax/event"

// record is the Details of an event.
type record struct{ details event.Details }

// Details copies what an alert about the event tells. Matches of one event share the result.
func (e *Event) Details(event.Scope, int) *event.Details {
	if e.record == nil {
		e.record = &record{details: event.Details{
			Source: event.SourceKernel, TimeNs: e.timeNs, EventID: e.EventID(), Action: e.action(),
		}}
	}
	return &e.record.details
}
