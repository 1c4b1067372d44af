// Package job is what the kernel tests and the first program of their virtual machine agree on: where the job stands, what it says,
// and how its end is told on the console.
//
//	Job -> the machine's first file system -> status line on the console
package job
