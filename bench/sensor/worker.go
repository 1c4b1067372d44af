package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// workerPrefix marks the arguments of this program when it starts itself to do work in a pid namespace of its own, which is in the sensor's scope.
const workerPrefix = "worker-"

// inNamespace is this program, started anew in new pid and mount namespaces.
func inNamespace(args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS}
	return cmd, nil
}

// worker does the work that args name.
func worker(args []string) int {
	if err := work(args); err != nil {
		fmt.Fprintln(os.Stderr, args[0]+":", err)
		return 1
	}
	return 0
}

func work(args []string) error {
	n, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	pause, err := time.ParseDuration(args[3])
	if err != nil {
		return err
	}
	switch args[0] {
	case workerPrefix + "spawn": // program, count, pause
		return workSpawn(args[1], n, pause)
	case workerPrefix + "calls": // -, calls a second, duration
		return workCalls(n, pause)
	}
	return fmt.Errorf("unknown work")
}

func workSpawn(tiny string, n int, pause time.Duration) error {
	for range n {
		if _, err := spawnTimes(tiny, 1); err != nil {
			return err
		}
		time.Sleep(pause)
	}
	return nil
}

// workCalls calls setfsuid, which changes nothing, so many times a second, and prints how often it did.
func workCalls(rate int, d time.Duration) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const slice = time.Millisecond
	done := 0
	for start := time.Now(); time.Since(start) < d; {
		due := int(time.Since(start).Seconds() * float64(rate))
		for ; done < due; done++ {
			// The return value is the id before; there is no error.
			_, _, _ = unix.RawSyscall(unix.SYS_SETFSUID, 0, 0, 0)
		}
		time.Sleep(slice)
	}
	fmt.Println(done)
	return nil
}
