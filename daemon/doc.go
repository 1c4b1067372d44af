// Package daemon runs what a configuration describes: the half of an agent, that of a hub, or both in one process.
//
//	agent: sensor -> kernel.Decoder -> rules -> matches -> bus
//	hub:   webhook, tails, Falco -> bus -> pipeline (rules, detector) -> alerts -> bus -> sinks
//
// It wires the parts together and knows their order at the start and at the stop: intake ends first, what has been taken in is
// judged and given out for a bounded time, then the bus is closed. Each part is a function that runs until its context ends;
// the first that fails ends all.
package daemon
