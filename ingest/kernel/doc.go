// Package kernel makes events of what the kernel's sensor records.
//
// A stream is frames: records as the kernel wrote them (package bpf), and facts, which tell what the records do not: where the stream
// begins, the processes that ran before, containers' names, users, losses. A Decoder reads them in their order. It keeps a Table of
// processes, with their sessions, and one of Containers, and yields an Event for each record that is one. Rules ask an Event through
// Fields; Details is what an alert tells of it.
//
// All of it is a function of the stream: no I/O, no clock, no goroutine. Live source, recordings and scenarios feed the same decoder,
// so that what is read again gives the same events with the same ids. Everything that is read may be forged: what does not hold is an
// error about itself only, and what is remembered is bounded.
//
// A Decoder and its events belong to one goroutine. The tables of fields may be read concurrently.
//
//	frames (sensor, recording, scenario) -> Decoder -> Event -> rules
package kernel
