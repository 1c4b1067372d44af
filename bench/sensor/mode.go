package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// mode is one way of watching, or none. start makes it watch and returns what ends it.
type mode struct {
	name  string
	start func(ctx context.Context) (stop func() error, err error)

	spawn   []float64 // best start of each round, wall ns
	median  []float64 // median start of each round
	syscall []float64 // null system call, ns
}

// none watches nothing.
func none(context.Context) (func() error, error) { return func() error { return nil }, nil }

// command is a mode that is a program: it watches from the line that begins with ready on its standard error or output on.
func command(ready string, args ...string) func(ctx context.Context) (func() error, error) {
	return func(ctx context.Context) (func() error, error) {
		p, err := start(ctx, ready, args...)
		if err != nil {
			return nil, err
		}
		return p.stop, nil
	}
}

// program is a running program.
type program struct {
	cmd  *exec.Cmd
	said chan string // closed at the end of what it says
}

// start starts a program and waits until it says that it is ready.
func start(ctx context.Context, ready string, args ...string) (*program, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.Command(args[0], args[1:]...)
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	err = errors.Join(err, w.Close())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", args[0], err), r.Close())
	}
	p := &program{cmd: cmd, said: make(chan string, 1)}
	heard := make(chan bool, 1)
	go p.listen(r, ready, heard)
	select {
	case ok := <-heard:
		if ok {
			return p, nil
		}
		err = fmt.Errorf("%s ended before it was ready: %s", args[0], <-p.said)
	case <-ctx.Done():
		err = fmt.Errorf("%s does not get ready", args[0])
	}
	return nil, errors.Join(err, p.stop())
}

// listen reads what the program says: the last kilobytes of it are kept.
func (p *program) listen(r io.ReadCloser, ready string, heard chan<- bool) {
	var last []string
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), ready) {
			select {
			case heard <- true:
			default:
			}
		}
		if last = append(last, lines.Text()); len(last) > 40 {
			last = last[1:]
		}
	}
	_ = r.Close() // a pipe that was read to its end
	p.said <- strings.Join(last, "\n")
	close(heard)
}

// stop asks the program to end and waits for it.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("interrupt: %w", err)
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("wait: %w", err)
	}
	return nil
}

// cpu is the processor time that the program has taken until it ended.
func (p *program) cpu() time.Duration {
	u := p.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
