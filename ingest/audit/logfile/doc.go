// Package logfile turns recorded audit logs into batches of bytes for the audit decoder: files, directories and
// standard input; plain, gzip or zstd, recognised by content.
//
//	path -> content (decompressed, bounded) -> window -> framer (lines, JSON values) -> batches, merged by event time
//
// It guarantees that
//   - the batches and their order depend on the content of the input alone, never on read sizes, timing or workers;
//   - a batch holds complete lines, or exactly one JSON value, which may span lines;
//   - memory is bounded: at most Config.MaxOpen files are open, each with a few blocks of Config.ChunkBytes, a line or
//     value takes at most Config.MaxLineBytes, decompression windows and ratios have limits;
//   - what cannot be read is a Fault with its place; it never costs a good line that follows.
//
// A line that begins with { and ends with }, or with [ and ], is taken as complete without a look inside, which is what makes
// reading fast. A value that is broken over lines right behind an inner bracket of its own kind ({"a":{"b":1} on one line, ,"c":2} on the
// next) is therefore not put together: each of the lines is a fault. Printers of JSON indent instead, and are read.
//
// Event time is looked at only as a hint (the last stageTimestamp of a batch): it decides which file is read next, so that
// several files advance together, and it tells how old what is still to come may be (Batch.LowNs). A time stamp that is
// wrong makes the order coarser and nothing else.
//
// A Reader is used by one goroutine; Progress and Batch.Release may be called from any.
package logfile
