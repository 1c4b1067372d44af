package bpf

import (
	"fmt"
	"os"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// attachTracepoint runs prog at the tracepoint with this number, on all CPUs, as long as the file is open.
//
// It goes by ioctl and not by bpf_link, which perf events have since 5.15 only: one way for all kernels.
func attachTracepoint(id uint64, prog *ebpf.Program) (*os.File, error) {
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{}))}
	// Programs hang on the tracepoint, not on the CPU named here (perf_event_attach_bpf_prog).
	fd, err := unix.PerfEventOpen(&attr, -1, 0, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("open perf event: %w", err)
	}
	f := os.NewFile(uintptr(fd), "perf-event")
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_SET_BPF, prog.FD()); err != nil {
		f.Close()
		return nil, fmt.Errorf("attach program to perf event: %w", err)
	}
	if err := unix.IoctlSetInt(fd, unix.PERF_EVENT_IOC_ENABLE, 0); err != nil {
		f.Close()
		return nil, fmt.Errorf("enable perf event: %w", err)
	}
	return f, nil
}
