// Package debian fetches packages of a Debian release, whichever this machine runs, and unpacks them into a folder.
//
//	release, architecture -> Root -> packages in a folder
//
// A Root is an apt of its own: own sources, lists and list of installed packages (an empty one), so that nothing of the machine
// changes, and each knows one release only, so that "the newest of the release" needs no pinning. It takes the mirror that the machine
// uses and checks what comes by Debian's keys. Used by one goroutine at a time; two roots may be used at once.
package debian
