package bpf

import (
	"fmt"
	"runtime"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
)

// syscallPrefix returns what the kernel puts before the name of a system call's function (asm/syscall_wrapper.h of the architecture).
func syscallPrefix() string {
	if runtime.GOARCH == "arm64" {
		return "__arm64_sys_"
	}
	return "__x64_sys_"
}

// tryTrampolines attaches a program of two instructions to the return of a function, and detaches it: whether the kernel can do that is
// found out once, with little work. Loading alone proves nothing: arm64 before 6.4 loads such programs and refuses to attach them.
func tryTrampolines(p *programs) error {
	prog, err := p.loadSpec(&ebpf.ProgramSpec{
		Name:         "trial",
		Type:         ebpf.Tracing,
		AttachType:   ebpf.AttachTraceFExit,
		AttachTo:     syscallPrefix() + "pivot_root", // hardly ever called
		License:      "Dual BSD/GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 0), asm.Return()},
	})
	if err != nil {
		return fmt.Errorf("load: %w", bare(err))
	}
	defer prog.Close()
	l, err := link.AttachTracing(link.TracingOptions{Program: prog})
	if err != nil {
		return fmt.Errorf("attach: %w", bare(err))
	}
	return l.Close()
}
