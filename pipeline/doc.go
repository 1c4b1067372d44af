// Package pipeline is the one loop: it reads batches, decodes and judges them on several workers, puts the matches in
// event-time order, hands them to the detector and its alerts to the sink. What comes out does not depend on the number of
// workers or on timing: the same input gives the same bytes.
//
//	Source -> batches -> workers: Decoder, Judge -> matches -> merge by event time -> Detector -> Filter -> Sink
//
// Source, Detector and Sink are used by one goroutine at a time, a Decoder and a Judge by the worker that they were made for.
package pipeline
