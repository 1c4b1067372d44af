package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// progress is how far a replay has come.
type progress struct {
	readBytes, totalBytes int64 // as they are stored; total is 0 where it is not known
	events                uint64
	elapsed               time.Duration
}

// watch shows progress about five times a second until ctx ends.
func watch(ctx context.Context, s *screen, now func() string) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.show(now())
		case <-ctx.Done():
			s.show("")
			return
		}
	}
}

const barWidth = 24

// line is one line of at most 79 characters: how much of how much, how fast, and how long it will take.
func (p progress) line() string {
	rate := float64(p.readBytes) / max(p.elapsed.Seconds(), 1e-3)
	speed := fmt.Sprintf("%s/s, %s events/s", size(rate), grouped(perSecond(p.events, p.elapsed)))
	if p.totalBytes == 0 {
		return fmt.Sprintf("%s read, %s", size(float64(p.readBytes)), speed)
	}
	share := min(float64(p.readBytes)/float64(p.totalBytes), 1)
	done := int(share * barWidth)
	bar := strings.Repeat("#", done) + strings.Repeat(".", barWidth-done)
	left := ""
	if rate > 0 {
		remaining := time.Duration(float64(p.totalBytes-p.readBytes) / rate * float64(time.Second))
		left = ", " + max(remaining, 0).Round(time.Second).String() + " left"
	}
	return fmt.Sprintf("[%s] %3.0f%% %s%s", bar, 100*share, speed, left)
}
