package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

// result is one line of the table.
type result struct {
	events         int
	stored, judged time.Duration // from the first batch to the last answer, and until all were judged
	answers        []time.Duration
	used           usage
}

// measure starts a process of its own, sends, and waits until all is judged.
func measure(ctx context.Context, binary string, events []auditlog.Template, l load) (*result, error) {
	s, err := start(ctx, binary)
	if err != nil {
		return nil, err
	}
	defer s.kill()
	client, err := s.client()
	if err != nil {
		return nil, err
	}
	defer client.CloseIdleConnections()
	begun := time.Now()
	r := new(result)
	if r.answers, err = l.send(ctx, client, s.url, events); err != nil {
		return nil, err
	}
	r.stored = time.Since(begun)
	r.events = len(r.answers) * batchEvents
	if err := s.waitJudged(ctx, r.events); err != nil {
		return nil, err
	}
	r.judged = time.Since(begun)
	r.used, err = s.stop()
	return r, err
}

func (r *result) row(w io.Writer, name string) {
	slices.Sort(r.answers)
	perSecond := func(d time.Duration) float64 { return float64(r.events) / d.Seconds() }
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	at := func(share float64) time.Duration { return r.answers[int(share*float64(len(r.answers)-1))] }
	fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.2f\t%.1f\t%.1f\t%.1f\t%.1f\t%d\t\n", name, r.events, perSecond(r.stored), perSecond(r.judged),
		perSecond(r.judged)/ceilingEvents, ms(at(0.5)), ms(at(0.99)), ms(at(1)),
		float64(r.used.cpu)/float64(time.Microsecond)/float64(r.events), r.used.peakRSS>>20)
}
