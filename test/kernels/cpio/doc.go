// Package cpio writes archives in the format "newc", which Linux unpacks as its first root file system (kernel documentation,
// driver-api/early-userspace/buffer-format).
//
//	files -> Writer -> archive
//
// The archive depends on nothing but what is written: all files belong to root and are of 1970. A Writer is used by one goroutine.
package cpio
