package watch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// Sensor is the program under test, running.
type Sensor struct {
	*hub
	cmd   *exec.Cmd
	said  *log
	ready chan struct{} // closed when it says that it is ready
	done  chan struct{} // closed when it has ended
	err   error         // how it ended; set before done is closed
}

// Start starts "binary args..." and waits until it says, by a line of its standard error that begins with "ready", that
// it misses nothing from then on.
func Start(ctx context.Context, binary string, args ...string) (*Sensor, error) {
	s := &Sensor{hub: newHub(), cmd: exec.Command(binary, args...), said: &log{}, ready: make(chan struct{}), done: make(chan struct{})}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	diagnostics, err := s.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start sensor: %w", err)
	}
	go s.run(out, diagnostics)
	select {
	case <-s.ready:
		return s, nil
	case <-s.done:
		return nil, fmt.Errorf("sensor ended before it was ready: %w: %s", s.err, s.said)
	case <-ctx.Done():
		s.Kill()
		return nil, fmt.Errorf("sensor is not ready: %w: %s", ctx.Err(), s.said)
	}
}

// run reads what the program writes until it ends.
func (s *Sensor) run(out, diagnostics io.Reader) {
	var reading sync.WaitGroup
	var broken error
	reading.Go(func() { broken = s.documents(out) })
	reading.Go(func() { s.listen(diagnostics) })
	reading.Wait()
	s.err = errors.Join(broken, s.cmd.Wait())
	s.end(errors.Join(errors.New("the sensor has ended"), s.err))
	close(s.done)
}

func (s *Sensor) documents(out io.Reader) error {
	for r := bufio.NewReaderSize(out, 1<<20); ; {
		line, err := r.ReadBytes('\n')
		if len(line) > 0 {
			d, bad := Parse(line)
			if bad != nil {
				s.cmd.Process.Kill()
				return fmt.Errorf("%w: %.200q", bad, line)
			}
			s.put(d)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *Sensor) listen(diagnostics io.Reader) {
	var once sync.Once
	for lines := bufio.NewScanner(diagnostics); lines.Scan(); {
		s.said.add(lines.Text())
		if strings.HasPrefix(lines.Text(), "ready") {
			once.Do(func() { close(s.ready) })
		}
	}
}

// PID is the program's process id.
func (s *Sensor) PID() int { return s.cmd.Process.Pid }

// Said is what the program wrote to its standard error.
func (s *Sensor) Said() string { return s.said.String() }

// Stop asks the program to end and waits until it has. It returns an error unless it ended well.
func (s *Sensor) Stop(ctx context.Context) error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop sensor: %w", err)
	}
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
		s.Kill()
		return fmt.Errorf("stop sensor: %w", ctx.Err())
	}
}

// Kill ends the program as nothing can prevent, and waits until it has ended.
func (s *Sensor) Kill() {
	s.cmd.Process.Kill()
	<-s.done
}

// log keeps lines.
type log struct {
	mu   sync.Mutex
	text strings.Builder // guarded by mu
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(line + "\n")
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
