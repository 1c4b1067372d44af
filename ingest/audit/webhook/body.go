package webhook

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// readFirstBytes is how much memory a body gets before any of it has come.
const readFirstBytes = 64 << 10

var (
	errTooLarge = errors.New("too large")
	errNoRoom   = errors.New("no room")
)

// readBody reads the body of a request.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, p *place, start time.Time) ([]byte, error) {
	if r.ContentLength > s.cfg.MaxBodyBytes {
		return nil, errTooLarge
	}
	paced := &pacedReader{
		src: r.Body, conn: http.NewResponseController(w),
		start: start, latest: start.Add(s.cfg.BodyTimeout), grace: s.cfg.BodyGrace, rate: s.cfg.MinBodyRate,
	}
	data, err := readAll(paced, p, r.ContentLength, s.cfg.MaxBodyBytes)
	if err != nil {
		return nil, err
	}
	return data, paced.conn.SetReadDeadline(time.Time{})
}

// readAll reads src to its end, taking room for it as it comes, so that a size that is only claimed costs nothing. size is what
// it claims, -1 if nothing. It returns errTooLarge beyond max bytes, and errNoRoom.
func readAll(src io.Reader, p *place, size, max int64) ([]byte, error) {
	var data []byte
	for {
		if len(data) == cap(data) {
			var err error
			if data, err = grow(data, p, size, max); err != nil {
				return nil, err
			}
		}
		n, err := src.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > max:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		}
	}
}

// grow moves data to where there is twice the room: one byte more than it can be at most, for Read to tell its end.
func grow(data []byte, p *place, size, max int64) ([]byte, error) {
	most := max
	if size >= 0 {
		most = min(size, max)
	}
	n := min(most+1, int64(2*cap(data)))
	if data == nil {
		n = min(most+1, readFirstBytes)
	}
	if n <= int64(cap(data)) {
		return nil, errTooLarge // more has come than was claimed
	}
	if !p.take(n) {
		return nil, errNoRoom
	}
	out := make([]byte, len(data), n)
	copy(out, data)
	p.take(-int64(cap(data)))
	return out, nil
}

// pacedReader reads a body that has to keep going: it sets the time until which the next bytes must have come.
type pacedReader struct {
	src   io.Reader
	conn  *http.ResponseController
	start time.Time
	// The whole must have come at latest; after grace, n bytes at rate a second.
	latest time.Time
	grace  time.Duration
	rate   int64
	n      int64
	set    time.Time // the deadline that is set
}

// Read reads; it returns os.ErrDeadlineExceeded when what should have come has not.
func (p *pacedReader) Read(b []byte) (int, error) {
	due := p.start.Add(p.grace + time.Duration(float64(p.n)/float64(p.rate)*float64(time.Second)))
	if due.After(p.latest) {
		due = p.latest
	}
	if due.Sub(p.set) > p.grace/8 || due.Equal(p.latest) && !p.set.Equal(due) {
		if err := p.conn.SetReadDeadline(due); err != nil {
			return 0, err
		}
		p.set = due
	}
	n, err := p.src.Read(b)
	p.n += int64(n)
	return n, err
}

// unreadable is the outcome of a request whose body could not be read.
func unreadable(r *http.Request, err error) Outcome {
	switch {
	case errors.Is(err, errTooLarge):
		return TooLarge
	case errors.Is(err, errNoRoom):
		return Busy
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Slow
	case errors.Is(err, io.ErrUnexpectedEOF), r.Context().Err() != nil:
		return Gone
	}
	return Malformed
}
