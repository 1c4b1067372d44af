// Package agents makes the keys with which the agents of nodes prove who they are, and what servers need to know of them.
//
//	names of nodes -> NewPlan -> seeds, agents.keys, nats-authorization.conf -> Apply
//
// A key is an NKey (Ed25519): its seed stays on the node, and the servers know its public half only. Run again it keeps all keys.
// A Plan belongs to one goroutine.
package agents
