//go:build servers

package servers

import (
	"context"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// canaries are programs that are started all the time, each of which the sensor's agent is to tell of. Without root there are none.
type canaries struct {
	stop    context.CancelFunc
	running sync.WaitGroup
	started int // read after end
}

func (s *site) startCanaries(t *testing.T) *canaries {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &canaries{stop: stop}
	t.Cleanup(c.end)
	if os.Geteuid() != 0 {
		return c
	}
	program := s.file(canary)
	copyFile(t, "/bin/true", program)
	c.running.Go(func() {
		for ctx.Err() == nil {
			if err := exec.Command(program).Run(); err != nil {
				t.Error(err)
				return
			}
			c.started++
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
	return c
}

// end stops them, and gives the agent time to send what it has seen of the last.
func (c *canaries) end() {
	c.stop()
	c.running.Wait()
	time.Sleep(2 * time.Second)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
