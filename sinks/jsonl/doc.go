// Package jsonl writes alerts as JSON lines: one ECS document a line (event.Encoder), each batch with one write.
//
//	alerts -> lines that are not in the files yet -> FILE -> FILE.00000001-20261120T100000Z, ...
//
// A sink made by Open owns a file. Whatever happens to the process or the disk, the file holds whole lines, and no (event.id,
// parallax.revision) twice: at the start a line that was cut off is moved to FILE.torn and what the files hold is read; a write that
// fails in the middle of a line is undone. When the disk is full, Write fails until there is room. One process at a time has the
// file; it may be moved away under it (Reopen). Pipes, terminals and other things that are no files are written to and nothing more.
//
// A sink made by New writes to what it is given, and knows nothing of what is there.
package jsonl
