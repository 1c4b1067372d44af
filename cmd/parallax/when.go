package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// whenHelp tells the forms of parseWhen.
const whenHelp = "a time (2026-11-20T23:49:00Z), a day (2026-11-20, UTC) or how long ago (90m, 24h, 7d)"

// parseWhen reads a point in time: RFC 3339, a day in UTC, or a duration before now.
func parseWhen(s string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	if ago, ok := parseAgo(s); ok {
		return now.Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("%q is not %s", s, whenHelp)
}

// parseAgo reads a duration that is not negative, which may be given in days.
func parseAgo(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d >= 0
}
