// Package detector turns matches into alerts. Matches come in event-time order; an alert goes out for each that is new.
//
// It is pure: no I/O, no clock, no goroutine, and time comes in with the matches, so that a replay gives the alerts of
// the live run. A Detector is used by one goroutine at a time.
//
//	Match (rules) -> Detector -> Alert (sinks)
package detector
