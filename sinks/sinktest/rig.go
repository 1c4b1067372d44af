package sinktest

import (
	"testing"

	"github.com/parallax-sec/parallax/sinks"
)

// Rig is a sink with what is behind it, for one test. Its parts end with the test.
type Rig struct {
	// Open opens a sink. It is called again after the first one was closed, or left behind as by a crash.
	Open func(t *testing.T) sinks.Sink
	// Got returns what arrived, in its order, in the form of Name.
	Got func(t *testing.T) []string
	// Dedupes says that an alert that is given again does not arrive again, over restarts too.
	Dedupes bool
	// FirstOnly says that later revisions are left out, since the format has no word for them.
	FirstOnly bool

	// Each makes trouble and returns what ends it.
	Down   func() (mend func()) // there is nothing, or it takes nothing
	Hang   func() (mend func()) // it does not answer
	Flaky  func() (mend func()) // it takes some and not others, and some without saying so
	Busy   func() (mend func()) // it asks once to be left alone for a second
	Poison func() (mend func()) // it refuses alerts of the rule named Poison
	Breaks func() (mend func()) // it breaks down over alerts of that rule, and over all others that come with them
	Small  func() (mend func()) // it takes 20 alerts of Alerts at once, and never one of Large
}
