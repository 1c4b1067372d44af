package main

import (
	"fmt"
	"io"
	"sync"
)

// screen is standard error while something runs: lines that stay, and below them one line of progress that is drawn over.
type screen struct {
	mu       sync.Mutex
	w        io.Writer
	progress string // guarded by mu
}

// println writes a line that stays.
func (s *screen) println(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.progress != "" {
		fmt.Fprint(s.w, clearLine)
	}
	fmt.Fprintf(s.w, "%s\n%s", line, s.progress)
}

// show replaces the line of progress; an empty one goes away.
func (s *screen) show(progress string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.progress != "" {
		fmt.Fprint(s.w, clearLine)
	}
	s.progress = progress
	fmt.Fprint(s.w, progress)
}

// clearLine goes to the beginning of the line and empties it (ANSI).
const clearLine = "\r\x1b[K"
