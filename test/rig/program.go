package rig

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var built struct {
	once sync.Once
	path string
	err  error
}

// Program builds the program, once for all tests of a process, and returns where it is. keep is a folder that outlives the test. Where
// PARALLAX_LIVE_BINARY names one that is built already, it is that.
func Program(t testing.TB, keep string) string {
	t.Helper()
	if ready := os.Getenv("PARALLAX_LIVE_BINARY"); ready != "" {
		return ready
	}
	built.once.Do(func() {
		built.path = filepath.Join(keep, "parallax")
		_, here, _, _ := runtime.Caller(0)
		cmd := exec.Command("go", "build", "-o", built.path, "./cmd/parallax")
		cmd.Dir = filepath.Join(filepath.Dir(here), "..", "..")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build: %w: %s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// Output runs the program to its end and returns its standard output. It must end well.
func Output(t testing.TB, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("parallax %s: %v\n%s", strings.Join(args, " "), err, complaints.Bytes())
	}
	return out
}

// Process is the program at work.
type Process struct {
	cmd   *exec.Cmd
	ready chan struct{} // closed when it says so
	done  chan struct{} // closed when it has ended
	err   error         // how; set before done is closed

	mu   sync.Mutex
	said strings.Builder // guarded by mu: standard error
}

// Start starts the program; out takes its standard output, and may be nil. It is killed at the end of the test, if it is there still.
func Start(t testing.TB, program string, out io.Writer, args ...string) *Process {
	t.Helper()
	p := &Process{cmd: exec.Command(program, args...), ready: make(chan struct{}), done: make(chan struct{})}
	p.cmd.Stdout = out
	complaints, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(complaints)
	t.Cleanup(func() { p.Kill() })
	return p
}

func (p *Process) listen(from io.Reader) {
	isReady := false
	for lines := bufio.NewScanner(from); lines.Scan(); {
		p.mu.Lock()
		p.said.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
		if strings.HasPrefix(lines.Text(), "ready") && !isReady {
			isReady = true
			close(p.ready)
		}
	}
	p.err = p.cmd.Wait()
	close(p.done)
}

// Said is what the program wrote to its standard error.
func (p *Process) Said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// PID is the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ready waits until the program says that it is ready. It returns an error where it ends before.
func (p *Process) Ready(ctx context.Context) error {
	select {
	case <-p.ready:
		return nil
	case <-p.done:
		return fmt.Errorf("ended before it was ready: %w\n%s", errors.Join(p.err, errors.New("exit")), p.Said())
	case <-ctx.Done():
		return fmt.Errorf("not ready: %w\n%s", ctx.Err(), p.Said())
	}
}

// MustStop is Stop for programs that have to end well.
func (p *Process) MustStop(t testing.TB) {
	t.Helper()
	if err := p.Stop(t); err != nil {
		t.Fatalf("%v\n%s", err, p.Said())
	}
}

// MustBeReady is Ready for tests that need it.
func (p *Process) MustBeReady(t testing.TB) *Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := p.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	return p
}

// Kill ends the program as loss of power would, and waits until it is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// Stop asks the program to end and returns how it did.
func (p *Process) Stop(t testing.TB) error {
	t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return p.err
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Signal(syscall.SIGQUIT) // tells where it hangs
		<-p.done
		t.Fatalf("does not stop\n%s", p.Said())
		return nil
	}
}

// Signal sends a signal.
func (p *Process) Signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }
