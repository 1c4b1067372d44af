package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
)

// result is what there is to tell of a request when it is answered.
type result struct {
	outcome       Outcome
	events, bytes int // of what was stored
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest, ok := below(r.URL.Path)
	if !ok && s.cfg.Other != nil {
		s.cfg.Other.ServeHTTP(w, r)
		return
	}
	start := time.Now()
	res := result{outcome: NotFound}
	if ok {
		res = s.guarded(w, r, rest, start)
	}
	s.answer(w, r, res.outcome)
	s.counters.answered(res.outcome, time.Since(start), res.events, res.bytes)
}

// guarded handles a request; a panic costs no other.
func (s *Server) guarded(w http.ResponseWriter, r *http.Request, rest string, start time.Time) (res result) {
	defer func() {
		if p := recover(); p != nil {
			s.panicked(p)
			res = result{outcome: Crashed}
		}
	}()
	return s.handle(w, r, rest, start)
}

func (s *Server) panicked(p any) {
	s.log.warn("audit webhook: panic", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// handle does what is asked, in this order: who sends, whether there is room, the body, what it is, the store.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, rest string, start time.Time) result {
	from, refused := s.sender(r, rest, start)
	if refused != none {
		return result{outcome: refused}
	}
	if r.Method != http.MethodPost {
		return result{outcome: WrongMethod}
	}
	p := s.room.enter(from)
	if p == nil {
		return result{outcome: Busy}
	}
	defer p.leave()
	data, err := s.readBody(w, r, p, start)
	if err != nil {
		return result{outcome: s.unread(r, from, err)}
	}
	// The sender may leave meanwhile: what is here is stored all the same.
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), start.Add(s.cfg.AnswerTimeout))
	defer cancel()
	return s.take(ctx, Body{Cluster: from.cluster, Source: from.name, Data: data}, p)
}

// sender says who sends a request, and the outcome if it is refused, else none.
func (s *Server) sender(r *http.Request, rest string, now time.Time) (from source, refused Outcome) {
	fromPath, pathOK := named(rest)
	cert := verified(r.TLS)
	if cert != nil {
		if from, ok := certified(cert); ok {
			s.known(r)
			if rest != "" && from != fromPath {
				s.counters.disagree()
				s.log.warn("audit webhook: the path is another source's than the certificate", "certificate", from, "path", r.URL.Path)
			}
			return from, none
		}
	}
	switch good := s.hasToken(r, now); {
	case good && pathOK:
		s.known(r)
		return fromPath, none
	case good:
		return source{}, NotFound
	case cert != nil:
		s.log.warn("audit webhook: not an API server's certificate", "subject", cert.Subject, "peer", r.RemoteAddr)
		return source{}, Forbidden
	}
	s.log.warn("audit webhook: neither certificate nor token", "peer", r.RemoteAddr)
	return source{}, Unauthenticated
}

func (s *Server) hasToken(r *http.Request, now time.Time) bool {
	if s.tokens == nil {
		return false
	}
	good, err := s.tokens.check(r, now)
	if err != nil {
		s.log.warn("audit webhook: the last tokens stay good", "error", err)
	}
	return good
}

// known says that the connection of a request is one of a sender.
func (s *Server) known(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*connection); ok {
		c.authenticated()
	}
}

// unread is the outcome of a request whose body could not be read.
func (s *Server) unread(r *http.Request, from source, err error) Outcome {
	o := unreadable(r, err)
	if o == TooLarge {
		s.log.warn("audit webhook: a body is too large: the API server will lose its events (raise the bound, or let it truncate)",
			"source", from, "bytes", r.ContentLength, "bound", s.cfg.MaxBodyBytes)
	}
	return o
}

// take stores a body, or puts it into quarantine.
func (s *Server) take(ctx context.Context, b Body, p *place) result {
	if len(b.Data) == 0 {
		return result{outcome: Empty}
	}
	data, err := unpack(ctx, b.Data, p, s.cfg.MaxBodyBytes)
	if unfit, ok := errors.AsType[errUnfit](err); ok {
		s.log.warn("audit webhook: a body that is no audit log was put into quarantine", "source", source{b.Cluster, b.Source}, "reason", unfit)
		return result{outcome: s.keep(ctx, p, Quarantined, func(ctx context.Context) error { return s.store.Quarantine(ctx, b, string(unfit)) })}
	}
	if err != nil {
		return result{outcome: notUnpacked(err)}
	}
	b.Data = data
	res := result{events: layOut(data), bytes: len(data)}
	res.outcome = s.keep(ctx, p, Stored, func(ctx context.Context) error { return s.store.Store(ctx, b) })
	return res
}

func notUnpacked(err error) Outcome {
	switch {
	case errors.Is(err, errTooLarge):
		return TooLarge
	case errors.Is(err, errNoRoom):
		return Busy
	}
	return Late
}

// keep calls the store, and waits for it as long as there is time for an answer.
func (s *Server) keep(ctx context.Context, p *place, done Outcome, store func(context.Context) error) Outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.share()
	stored := make(chan error, 1)
	go func() {
		defer p.leave()
		stored <- s.unpanicked(ctx, store)
	}()
	select {
	case err := <-stored:
		return s.kept(err, done)
	case <-ctx.Done():
		s.log.warn("audit webhook: the store takes too long", "bound", s.cfg.AnswerTimeout)
		return Late
	case <-s.halt:
		return Failed
	}
}

func (s *Server) unpanicked(ctx context.Context, store func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.panicked(p)
			err = errPanic
		}
	}()
	return store(ctx)
}

// kept is the outcome of a call of the store that returned.
func (s *Server) kept(err error, done Outcome) Outcome {
	switch {
	case err == nil:
		return done
	case errors.Is(err, errPanic):
		return Crashed
	case errors.Is(err, context.DeadlineExceeded):
		return Late
	}
	s.log.warn("audit webhook: cannot store", "error", err)
	return Failed
}

// answer writes what the sender gets.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, o Outcome) {
	h, of := w.Header(), outcomes[o]
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	switch of.code {
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", strconv.FormatInt(int64((s.cfg.RetryAfter+time.Second-1)/time.Second), 10))
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodPost)
	}
	if !of.read && r.ProtoMajor == 1 {
		// net/http reads a little of what is left, so that the sender gets to see the answer, and closes the connection.
		h.Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.BodyGrace)) // ReadTimeout stands behind it
	}
	text := "{}"
	if of.code != http.StatusOK {
		text = `{"error":` + strconv.Quote(of.text) + `}`
	}
	w.WriteHeader(of.code)
	_, _ = w.Write([]byte(text + "\n")) // a sender that has left sends again
}
