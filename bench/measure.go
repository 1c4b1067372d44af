package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"golang.org/x/sys/unix"
)

// A contender does one piece of work over a section of the log. Contenders of one table take turns on the same section,
// with the caches evicted before each, so that what else the machine does hits all of them alike.
type contender struct {
	name string
	run  func(s *section) tally
	ns   []float64 // CPU nanoseconds per event, one for each round
	sum  tally     // of all rounds
}

// tally is what a contender got out of a section.
type tally struct{ events, matches int }

// measure lets the contenders take turns for so many rounds over the sections of log.
func measure(cs []*contender, sections []section, rounds int) {
	for _, c := range cs { // warm up: caches, memos, pools
		for i := range sections {
			c.run(&sections[i])
		}
	}
	var e evictor
	for r := range rounds {
		s := &sections[(r*37)%len(sections)]
		for i := range cs {
			c := cs[(i+r)%len(cs)]
			e.evict()
			start := cpuNs()
			n := c.run(s)
			c.ns = append(c.ns, float64(cpuNs()-start)/float64(n.events))
			c.sum.events += n.events
			c.sum.matches += n.matches
		}
	}
}

// cpuNs is the CPU time of this process in nanoseconds, all threads: what else the machine does is not in it.
func cpuNs() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &ts); err != nil {
		panic(err) // the clock is there on every Linux
	}
	return ts.Nano()
}

// evictor drops the caches by walking over more memory than they hold.
type evictor struct {
	mem  []byte
	sink int
}

func (e *evictor) evict() {
	if e.mem == nil {
		e.mem = make([]byte, 48<<20)
	}
	for i := 0; i < len(e.mem); i += 64 {
		e.sink += int(e.mem[i])
	}
}

func minimum(x []float64) float64 { return slices.Min(x) }

func median(x []float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s[len(s)/2]
}

// ratios returns a/b round by round.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

// table prints the contenders and how each compares with base: base's time divided by its own.
func table(w io.Writer, title string, base *contender, cs []*contender) {
	fmt.Fprintf(w, "\n%s\n", title)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tns/event min\tmedian\t%s / it, of minima\tmedian of ratios\tmatches/event\t\n", base.name)
	for _, c := range cs {
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.3g\t%.3g\t%.2g\t\n", c.name, minimum(c.ns), median(c.ns),
			minimum(base.ns)/minimum(c.ns), median(ratios(base.ns, c.ns)),
			float64(c.sum.matches)/float64(c.sum.events))
	}
	_ = t.Flush() // stdout
}
