// Package audit reads Kubernetes audit events (audit.k8s.io/v1) and says what their fields are.
//
// In go batches of bytes, cut between values; out come events, one at a time, and faults for what could not be read. Keys may
// stand in any order, and of equal keys the last one counts, as in encoding/json. Refused is what is no JSON or no event of
// audit.k8s.io/v1, what is beyond the bounds of docs/LIMITS.md, and an event that ends as the API server writes it but has
// a key of the head between its bodies and that end (Event.BodyFault). Nothing is guessed: a value is an event or a fault.
// A Decoder and its Event are used again from one event to the next, belong to one goroutine and allocate nothing once they
// have grown; bodies are parsed when a rule asks for them.
//
//	event.Batch -> Decoder -> Event -> field tables (rules) and Details (alerts)
package audit
