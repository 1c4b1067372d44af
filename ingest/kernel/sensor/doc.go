// Package sensor is the live source of the kernel's events: it reads the records of a bpf.Sensor and puts before each the facts
// that it needs, so that what comes out is a stream that a kernel.Decoder understands without asking anybody else.
//
//	bpf.Sensor -> records ----------------------+
//	runtime's files, /proc, passwd -> facts ----+-> Source -> batches of frames -> kernel.Decoder, recording
//
// A Source is read by one goroutine, which is also the one that judges what it reads: between ring and rules there is no queue
// but the ring. Files are looked up by goroutines of their own, a bounded number of them, since a container can make reading its
// files take for ever. Stop and Stats may be called from any goroutine.
package sensor
