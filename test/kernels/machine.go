package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/parallax-sec/parallax/test/kernels/job"
)

// machine is a virtual machine.
type machine struct {
	arch      string // as dpkg names it
	kernel    string // file
	initramfs string // file
	memoryMiB int
	line      func(string) // is called with each line of the console
}

// errNoStatus is what a machine ends with that died, or was stopped, before its job ended.
var errNoStatus = errors.New("the machine ended without a status")

// run runs the machine until it is switched off or ctx ends, and returns its job's status.
func (m *machine) run(ctx context.Context) (int, error) {
	args := m.command()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start machine: %w", err)
	}
	status, ended := m.watch(out)
	err = cmd.Wait()
	switch {
	case ended:
		return status, nil
	case ctx.Err() != nil:
		return 0, fmt.Errorf("%w: %w", errNoStatus, context.Cause(ctx))
	case err != nil:
		return 0, fmt.Errorf("%w: %w", errNoStatus, err)
	}
	return 0, errNoStatus
}

// command is QEMU's command line: emulation, one processor, the console on standard output, nothing else.
func (m *machine) command() []string {
	qemu, console := []string{"qemu-system-x86_64", "-cpu", "max"}, "ttyS0"
	if m.arch == "arm64" {
		qemu, console = []string{"qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72"}, "ttyAMA0"
	}
	return append(qemu,
		"-accel", "tcg", "-m", fmt.Sprint(m.memoryMiB), "-smp", "1", "-nodefaults", "-no-user-config", "-display", "none",
		"-serial", "stdio", "-no-reboot", "-kernel", m.kernel, "-initrd", m.initramfs,
		"-append", "console="+console+" quiet panic=-1")
}

// watch hands on the console's lines and returns the status that one of them told.
func (m *machine) watch(console io.Reader) (status int, ended bool) {
	r := bufio.NewReaderSize(console, 64<<10)
	for {
		line, err := r.ReadString('\n')
		if line = strings.TrimRight(line, "\r\n"); line != "" || err == nil {
			m.line(line)
		}
		if s, ok := job.Status(line); ok {
			status, ended = s, true
		}
		if err != nil {
			return status, ended
		}
	}
}
