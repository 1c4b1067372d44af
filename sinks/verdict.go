package sinks

import (
	"fmt"
	"time"
)

// Refused is an error that no repetition mends: what was written is not taken, today or tomorrow. Of a batch it says that
// something in it is refused; the loop halves it until it knows what.
type Refused struct {
	Err error
	// TooLarge says that there was too much of it at once.
	TooLarge bool
}

// Error implements error.
func (e *Refused) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Refused) Unwrap() error { return e.Err }

// Later is an error after which the server wants to be left alone for a while.
type Later struct {
	Err   error
	After time.Duration
}

// Error implements error.
func (e *Later) Error() string { return fmt.Sprintf("%v (try again after %v)", e.Err, e.After) }

// Unwrap returns Err.
func (e *Later) Unwrap() error { return e.Err }

// Partial is what became of each alert of a batch, in its order: nil where it was taken, a *Refused where it never will be, and
// any other error, perhaps a *Later, where it may be given again.
type Partial []error

// Error tells how many were not taken, and the first reason.
func (p Partial) Error() string {
	n := 0
	for _, err := range p {
		if err != nil {
			n++
		}
	}
	return fmt.Sprintf("%d of %d alerts not taken: %v", n, len(p), p.first())
}

// Unwrap returns the errors.
func (p Partial) Unwrap() []error { return p }

func (p Partial) first() error {
	for _, err := range p {
		if err != nil {
			return err
		}
	}
	return nil
}

// OrNil returns p as an error, nil where every alert was taken.
func (p Partial) OrNil() error {
	if p.first() == nil {
		return nil
	}
	return p
}
