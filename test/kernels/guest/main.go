package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/test/kernels/job"
)

func main() {
	status, err := run()
	if err != nil {
		fmt.Println("guest:", err) // and no status line: the job did not end
	} else {
		fmt.Println(job.StatusLine(status))
	}
	unix.Sync()
	err = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
	fmt.Println("guest: switch off:", err)
}

// run prepares the machine, runs the job and returns its status.
func run() (int, error) {
	if os.Getpid() != 1 {
		return 0, fmt.Errorf("this program is the init process of a virtual machine and runs nowhere else")
	}
	j, err := readJob()
	if err != nil {
		return 0, err
	}
	if err := leaveRootfs(); err != nil {
		return 0, err
	}
	if err := mountAll(); err != nil {
		return 0, err
	}
	for _, file := range j.Modules {
		if err := load(file); err != nil {
			return 0, fmt.Errorf("load module %s: %w", filepath.Base(file), err)
		}
	}
	fmt.Printf("guest: up after %s\n", uptime())
	return runAll(j)
}

func readJob() (*job.Job, error) {
	text, err := os.ReadFile(job.File)
	if err != nil {
		return nil, fmt.Errorf("read job: %w", err)
	}
	j := &job.Job{}
	if err := json.Unmarshal(text, j); err != nil {
		return nil, fmt.Errorf("read job: %w", err)
	}
	for _, c := range j.Commands {
		if len(c) == 0 {
			return nil, fmt.Errorf("read job: a command names no program")
		}
	}
	return j, nil
}

func load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.FinitModule(int(f.Fd()), "", 0)
}

// runAll runs the job's programs and returns the first status that is not 0.
func runAll(j *job.Job) (int, error) {
	first := 0
	for _, args := range j.Commands {
		status, err := supervise(args, j.Env)
		if err != nil {
			return 0, err
		}
		if first == 0 {
			first = status
		}
	}
	return first, nil
}

// supervise runs a program and returns its status. Being the init process, it also takes care of every process whose parent
// ended, as long as the program runs.
func supervise(args, env []string) (int, error) {
	p, err := os.StartProcess(args[0], args, &os.ProcAttr{Dir: "/", Env: env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", args[0], err)
	}
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, 0, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, fmt.Errorf("wait for %s: %w", args[0], err)
		case pid == p.Pid && ws.Signaled():
			return 128 + int(ws.Signal()), nil
		case pid == p.Pid:
			return ws.ExitStatus(), nil
		}
	}
}

func uptime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano()).Round(time.Millisecond)
}
