// Package recording keeps the sensor's stream in a file, and reads it again: what the kernel wrote and what the sensor looked up, so
// that a replay gives the events, ids and alerts of the live run. docs/RECORDING.md describes the format.
//
//	frames -> Writer -> file -> Reader -> batches, merged by event time -> Decoder (one kernel.Decoder for each file)
//
// A file may end anywhere, since its writer may be killed: what was written up to the last whole block is read. A file may be
// damaged or forged: what cannot be read is a fault with its place and costs what it holds, and blocks, windows and ratios are
// bounded. Several recordings may stand in one file, one behind the other.
//
// A Writer may be used by several goroutines, a Reader and a Decoder by one; Reader.Progress and Batch.Release may be called from any.
package recording
