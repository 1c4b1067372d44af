// Package kernel will read what the kernel's sensor records. For now it holds the table of the fields that rules of the source
// "syscall" name: such rules load, and are listed as blind with the reason.
//
// The table may be read concurrently.
//
//	Fields -> rules
package kernel
