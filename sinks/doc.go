// Package sinks holds what all sinks of alerts have in common: the contract. Each sink is a package below this one, and
// none knows another.
//
//	Alert (detector) -> Sink -> file, terminal
package sinks
