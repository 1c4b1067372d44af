package logfile

import (
	"context"
	"io"

	"github.com/parallax-sec/parallax/event"
)

// ahead reads on its own goroutine, at most readAhead batches before they are asked for.
type ahead struct {
	out  chan outcome
	stop chan struct{}
	done chan struct{} // closed when the goroutine has ended
	wait bool          // the goroutine ends soon once stopped; one that waits for standard input may not
}

const readAhead = 2

// readAheadOf starts the goroutine. open is called on it, since the first bytes of standard input may be long in coming.
func readAheadOf(open func() (*stream, error), wait bool) *ahead {
	a := &ahead{out: make(chan outcome, readAhead), stop: make(chan struct{}), done: make(chan struct{}), wait: wait}
	go a.run(open)
	return a
}

func (a *ahead) run(open func() (*stream, error)) {
	defer close(a.done)
	s, err := open()
	if err != nil {
		a.send(outcome{err: err})
		return
	}
	defer s.close()
	for err == nil {
		var b *event.Batch
		b, err = s.frames.next()
		if !a.send(outcome{b, err}) {
			return
		}
	}
}

func (a *ahead) send(o outcome) bool {
	select {
	case a.out <- o:
		return true
	case <-a.stop:
		return false
	}
}

func (a *ahead) next(ctx context.Context) (*event.Batch, error) {
	select {
	case o := <-a.out:
		return o.batch, o.err
	case <-a.done:
		select {
		case o := <-a.out:
			return o.batch, o.err
		default:
			return nil, io.EOF
		}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *ahead) close() {
	close(a.stop)
	if a.wait {
		<-a.done
	}
}
