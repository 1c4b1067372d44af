// Package event is the model that every other part of Parallax shares: what an event is, what its fields are,
// what a rule's match carries away from it and what an alert says.
//
// It imports the standard library only, does no I/O, reads no clock and starts no goroutine. Events are read by
// ingest/*, judged through their fields by rules, turned into alerts by detector and written out by sinks:
//
//	bytes -> Event (ingest) -> Match (rules) -> Alert (detector) -> document (sinks)
package event
