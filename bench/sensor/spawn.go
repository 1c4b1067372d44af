package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// argv is what the tiny program is started with: seven texts of ordinary length.
var argv = []string{"tiny", "--config", "/etc/app/config.yaml", "--listen", "127.0.0.1:8080", "--verbose", "serve"}

// spawnTimes starts the program n times, one after the other, and returns the wall time of each start, in nanoseconds.
func spawnTimes(tiny string, n int) ([]float64, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	out := make([]float64, 0, n)
	for range n {
		start := time.Now()
		pid, err := syscall.ForkExec(tiny, argv, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
		if err != nil {
			return nil, fmt.Errorf("start %s: %w", tiny, err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
			return nil, fmt.Errorf("wait for %s: %w", tiny, err)
		}
		if status.ExitStatus() != 0 {
			return nil, fmt.Errorf("%s ended with status %d", tiny, status)
		}
		out = append(out, float64(time.Since(start).Nanoseconds()))
	}
	return out, nil
}

// nullSyscallNs is what a system call that does nothing costs, in nanoseconds: the best of several loops.
func nullSyscallNs() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := make([]float64, 0, 7)
	for range cap(best) {
		const n = 100_000
		start := time.Now()
		for range n {
			// RawSyscall does not tell the scheduler; Getppid of package os would.
			if _, _, e := unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0); e != 0 {
				panic(os.NewSyscallError("getppid", e))
			}
		}
		best = append(best, float64(time.Since(start).Nanoseconds())/n)
	}
	return slices.Min(best)
}
