package main

import (
	"fmt"
	"strconv"
	"time"
)

// grouped writes n with a comma between thousands.
func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted writes n and what is counted, by its name for one or for many.
func counted(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// size writes a number of bytes to three digits, in units of a thousand.
func size(bytes float64) string {
	unit := 0
	for bytes >= 999.5 && unit < 4 {
		bytes /= 1000
		unit++
	}
	digits := 0
	if unit > 0 && bytes < 9.995 {
		digits = 2
	} else if unit > 0 && bytes < 99.95 {
		digits = 1
	}
	return fmt.Sprintf("%.*f %s", digits, bytes, [...]string{"B", "kB", "MB", "GB", "TB"}[unit])
}

// perSecond is n in a time, 0 where no time has passed.
func perSecond(n uint64, d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	return uint64(float64(n) / d.Seconds())
}
