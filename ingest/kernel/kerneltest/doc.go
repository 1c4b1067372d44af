// Package kerneltest makes the sensor's stream out of what a person writes: JSON values, one for each thing that happened in the
// kernel, become the records and facts that a live sensor would have read, byte for byte in the same layout.
//
//	{"container":{"name":"web","pod":"web-1","namespace":"prod","image":"nginx:1.27"}}
//	{"exec":{"pid":100,"container":"web","exe":"/usr/sbin/nginx"}}
//	{"exec":{"pid":200,"container":"web","exe":"/bin/sh","argv":["sh"],"tty":"pts/0"}}
//	{"mount":{"pid":200,"source":"/dev/sda1","target":"/mnt","fstype":"ext4"}}
//
// What is not said is as it would be: processes inherit from their parents, containers get namespaces and a cgroup, a new
// process of a container is forked first, the kernel's marks are set. docs/KERNEL_EVENTS.md lists every key.
//
//	JSON -> Read -> batches of a frame each -> kernel.Decoder
//
// The same text gives the same bytes. Read is a pure function and may be called concurrently.
package kerneltest
