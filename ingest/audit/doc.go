// Package audit reads Kubernetes audit events (audit.k8s.io/v1) and says what their fields are.
//
// In go batches of bytes, cut between values; out come events, one at a time, and faults for what could not be read. Nothing
// that encoding/json would read is refused, whatever the order of keys, and nothing is guessed: a line is an event or a fault.
// A Decoder and its Event are used again from one event to the next, belong to one goroutine and allocate nothing once they
// have grown; bodies are parsed when a rule asks for them.
//
//	event.Batch -> Decoder -> Event -> field tables (rules) and Details (alerts)
package audit
