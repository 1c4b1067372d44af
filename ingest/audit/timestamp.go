package audit

import (
	"errors"
	"time"
)

var (
	errTimeFormat = errors.New("not a time as in RFC 3339")
	errTimeRange  = errors.New("outside the years 1678 to 2261")
)

// parseTime reads a time of RFC 3339 with any number of digits behind the second, in nanoseconds since 1970 UTC.
func parseTime(s string) (int64, error) {
	if ns, ok := parseMicroTime(s); ok {
		return ns, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, errTimeFormat
	}
	if y := t.UTC().Year(); y < 1678 || y > 2261 {
		return 0, errTimeRange
	}
	return t.UnixNano(), nil
}

// microTime is how the API server writes a metav1.MicroTime.
const microTime = "2006-01-02T15:04:05.000000Z"

// parseMicroTime reads the form that the API server writes; ok is false for any other, which may still be a time.
func parseMicroTime(s string) (ns int64, ok bool) {
	if len(s) != len(microTime) || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != '.' || s[26] != 'Z' {
		return 0, false
	}
	var d digits
	year := d.number(s[:4])
	month, day := d.number(s[5:7]), d.number(s[8:10])
	hour, minute, second := d.number(s[11:13]), d.number(s[14:16]), d.number(s[17:19])
	micro := d.number(s[20:26])
	if d.bad || year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	seconds := ((daysSince1970(year, month, day)*24+hour)*60+minute)*60 + second
	return (seconds*1e6 + micro) * 1e3, true
}

// digits reads decimal numbers and remembers whether all were.
type digits struct{ bad bool }

func (d *digits) number(s string) (n int64) {
	for i := range len(s) {
		c := s[i] - '0'
		d.bad = d.bad || c > 9
		n = n*10 + int64(c)
	}
	return n
}

func daysIn(year, month int64) int64 {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince1970 counts days of the Gregorian calendar in years that begin in March, so that the leap day is the last.
func daysSince1970(year, month, day int64) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*month-457)/5 + day - 719469
}
