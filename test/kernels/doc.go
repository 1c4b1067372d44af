// Command kernels runs the live tests on other kernels: Debian's own, each in a virtual machine that QEMU emulates.
//
//	Debian's packages -> cache -> first file system (parallax, live tests, crun, busybox) -> QEMU -> console -> passed or not
//
// No hardware virtualization is used, and each machine has one processor: with two, kernels died in emulation. A machine that does not
// tell its status within its time has failed, and so has one whose tests skip.
package main
