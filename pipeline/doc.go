// Package pipeline is the one loop: it reads batches, decodes and judges them, puts the matches in event-time order, hands them
// to the detector and its alerts to the sink.
//
//	lane: Source -> Decoder, Judge -> matches --+
//	lane: ...                                  -+-> merge by event time -> Detector -> Filter -> Sink
//
// A lane is one kind of input. Audit events are decoded and judged on several workers; what the kernel records is read, decoded
// and judged by one goroutine, since its decoder keeps state (Lane.InOrder).
//
// Recorded input: the lane that is furthest behind in event time is read next, so what comes out depends neither on the number
// of workers nor on timing: the same input gives the same bytes. Live input (Config.Live): what a lane has is taken as it comes
// and given out at once, so no lane waits for another.
//
// Source, Detector and Sink are used by one goroutine at a time, a Decoder and a Judge by the worker that they were made for.
package pipeline
