// Package rules reads rule files and makes an immutable Set of checked rules of them.
//
// In go the bytes of rule files (Falco's format and ours, which is a superset) and the tables of fields that conditions
// and outputs may name; out comes a Set, or every error in all files at once, each with its place. A Set is immutable
// and may be shared; a Judge made of it belongs to one goroutine. The package does no I/O, starts no goroutine and reads
// no clock.
//
//	files -> read (YAML items) -> collect (definitions) -> check (names, types) -> Set -> Judge(event) -> matches
package rules
