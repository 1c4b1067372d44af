// Package detector turns matches into alerts, and what nodes tell into facts. An alert goes out for each match that is new.
//
//	Match (rules) -> Detector.Match -> Alert                                         recorded input, in event-time order
//	Batch (matches, facts, receipt) -> Detector.Take -> alerts and facts to store    a hub's stream, in its order
//
// It is pure: no I/O, no clock, no goroutine; time comes in with the matches, and with the receipt of batches, so that a replay gives
// the alerts of the live run, and reading a stream again those of the first time. In a stream it knows which batches of a node it
// has taken, which facts hold, and for each source up to which event time everything has come (its watermark). All of that is bounded, and
// what is too much goes at the cost of who has most.
//
// What is known of earlier runs comes in by Known and Load, and by reading the last part of the stream again. A Detector is used by
// one goroutine at a time.
package detector
