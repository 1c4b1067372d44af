// Package sinktest is the one conformance suite that every sink passes, against the real thing behind it: a server over TLS, a
// NATS server, files.
//
//	func TestConformance(t *testing.T) { sinktest.Run(t, func(t *testing.T) *sinktest.Rig { ... }) }
//
// A Rig says how the sink is opened, what arrived, and what trouble the thing behind it can make. Trouble that it cannot make (a file
// that asks to be left alone for a second) is left nil, and its tests are not run.
package sinktest
