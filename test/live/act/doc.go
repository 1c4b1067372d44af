// Package act is the program that the live tests run inside containers: it makes the system calls that the sensor must see. It takes the
// place of the many small programs that would need a C compiler, and of a shell's builtins that do not exist.
//
//	act VERB ARGUMENT... -- VERB ARGUMENT... -> system calls, in this order, by one thread
//
// The calls are made by one thread as they are, past the Go runtime, which would make some of them once for each of its threads.
package act
