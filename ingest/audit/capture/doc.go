// Package capture reads the files that Azure Event Hubs Capture writes: Avro object container files with one record for each
// message (learn.microsoft.com/azure/event-hubs/explore-captured-avro-files; Avro 1.11 specification, object container files).
//
//	file -> Reader -> the bodies of the messages, one behind the other, each with a newline behind it
//
// The schema that stands in the file is followed, whatever fields it has besides Body. Everything that is read at once is bounded.
// A Reader belongs to one goroutine.
package capture
