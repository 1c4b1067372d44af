package sensor

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"
)

// Clock reads the kernel's clocks, in nanoseconds.
type Clock interface {
	Boot() uint64 // CLOCK_BOOTTIME, which records bear
	Wall() int64  // CLOCK_REALTIME, since 1970 UTC
}

// NodeClock is the clock of the node that the program runs on.
type NodeClock struct{}

// Boot reads CLOCK_BOOTTIME.
func (NodeClock) Boot() uint64 { return uint64(read(unix.CLOCK_BOOTTIME)) }

// Wall reads CLOCK_REALTIME.
func (NodeClock) Wall() int64 { return read(unix.CLOCK_REALTIME) }

// read reads a clock that every Linux since 2.6.39 has; clock_gettime(2) fails for no other reason than a clock that is not there.
func read(id int32) int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		panic(fmt.Sprintf("clock %d: %v", id, err))
	}
	return t.Nano()
}

// offsetSamples is how often the two clocks are compared: enough that one of them is not interrupted.
const offsetSamples = 32

// offset is wall clock minus boot time, from the sample that took least time, and so is most exact.
func offset(c Clock) int64 {
	best, took := int64(0), uint64(math.MaxUint64)
	for range offsetSamples {
		before, wall, after := c.Boot(), c.Wall(), c.Boot()
		if d := after - before; d < took {
			took, best = d, wall-int64(before+d/2)
		}
	}
	return best
}
