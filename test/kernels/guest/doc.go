// Command guest is the first program in a virtual machine of the kernel tests: it makes the machine fit to run containers, runs one
// program, says with which status it ended, and switches the machine off.
//
//	job (JSON, in the machine's first file system) -> what the program prints, and a line with its status, on the console
//
// Never run it on a machine that is needed: it is the init process and behaves as one.
package main
