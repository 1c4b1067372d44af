// Package sinks holds what all sinks of alerts have in common: the contract (Sink), what an error of a sink tells (Refused, Later,
// Partial), and the one retry loop (Delivery). Each sink is a package below this one, and none knows another.
//
//	Queue (alerts that are not delivered yet) -> Delivery -> Sink -> file, server
//	                                                 \-> Queue.Dead (alerts that the sink refuses for ever)
//
// A sink makes one attempt and classifies what came of it; the loop decides what to do about that: wait, halve the batch, put an
// alert aside. Nothing is given up because of time: an outage of hours costs hours and no alert. An alert that fails while others are
// taken (a suspect) waits beside them and holds none of them back.
package sinks
