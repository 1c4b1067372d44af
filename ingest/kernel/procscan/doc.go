// Package procscan reads once, when the sensor starts, which processes run already.
//
//	/proc -> Scan -> kernel.Found, parents before children -> facts of the stream
//
// What a process of a container can choose (its name, arguments, folders) is taken as bytes. What it can stall (reading its
// arguments takes its memory's lock, looking at its executable may ask a file system in user space) has a time limit. A process that
// ends meanwhile is left out; so is one that ended and whose parent has not taken note.
//
// /proc tells starts in clock ticks of the boot time clock, rounded down, where records have nanoseconds: see kernel.Key.Same.
package procscan
