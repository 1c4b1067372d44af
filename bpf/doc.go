// Package bpf holds the eBPF programs that watch containers from the kernel, and what loads, attaches and reads them.
//
//	kernel -> two rings of records -> Sensor.Read -> record bytes, in the order of their times
//
// It knows nothing of events, Kubernetes or rules. The layout of records is c/record.h; the Go types are made from the object's BTF,
// and the objects are committed, so that building needs no C compiler ("make generate" makes them anew, with clang 19).
package bpf

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -cc clang-19 -strip llvm-strip-19 -target amd64,arm64 -no-global-types -type mark -type rec_head -type rec_cred -type rec_ns -type rec_exec -type rec_exit -type rec_mount -type rec_creds -type rec_nsop -type rec_ptrace -type rec_cgroup -type rec_kind -type rec_flags -type exe_origin -type mount_op -type cred_op -type ns_op -type cgroup_op -type lost_reason sensor c/sensor.bpf.c -- -O2 -g -ffreestanding -Wall -Werror -I/usr/include
