// Package pipeline is the loop around rules and detector: it reads batches, decodes and judges them, puts the matches in event-time
// order, hands them to the detector, and what comes of them to whoever stores it.
//
//	lane: Source -> Worker (Decoder, Judge) -> matches --+
//	lane: ...                                           -+-> merge by event time -> Detector -> Filter -> Sink    Pipeline
//
//	stream: Source -> Workers -> matches in order -> StreamDetector -> Filter -> gate -> alerts, facts, faults -> position    Stream
//
// A lane is one kind of input. Audit events are decoded and judged on several workers; what the kernel records is read, decoded
// and judged by one goroutine, since its decoder keeps state (Lane.InOrder).
//
// A Pipeline over recorded input reads the lane next that is furthest behind in event time, so what comes out depends neither on
// the number of workers nor on timing: the same input gives the same bytes. Over live input (Config.Live), what a lane has is taken
// as it comes and given out at once, so no lane waits for another: so a node judges its sensor's events, and a Shipper takes the
// detector's place.
//
// A Stream is a hub's: it reads batches of any kind from the bus, in the bus's order, each judged by the rules that held at its place.
// The position moves over a batch when all that it came to is stored, so that whoever is killed goes on from there, and stores
// nothing but what may be stored twice. A gate drops what is stored already, and holds back what another hub is about to store.
//
// Source, Detector and Sink are used by one goroutine at a time, a Worker by the one that it was made for.
package pipeline
