// Package bus keeps what the parts of Parallax hand to each other in NATS JetStream: in a server inside this process, or in a
// cluster beside it.
//
//	webhook, tail, Falco -> Publish -+
//	agents -> Agent.Publish -> Gate -+-> PLX -> Reader -> pipeline -> PutAlerts -> PLX_ALERT -> AlertQueue -> sinks -> PLX_DLQ
//	                                                               -> PutFacts   -> PLX_FACT
//	                                                               -> Quarantine -> PLX_QUARANTINE
//	                                                               -> SaveCheckpoint, Lease (key-value buckets)
//
// One stream, PLX, carries all that the detector reads: its sequence is the order, its time stamps are the times of receipt.
// What Publish returned no error for is stored (in the server inside this process: written and synced to disk) and stays until
// Trim is told that it has been handled. A full store refuses with ErrFull, one that cannot be reached with ErrUnavailable; both
// may be tried again, and nothing is ever dropped to make room.
//
// Everything on the bus is hostile input, since agents write to it: what is read is bounded and checked, and what cannot be
// read becomes a fault of its batch. A Bus is safe for use by several goroutines; a Reader and an AlertQueue belong to one.
package bus
