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
	date, ok1 := digitsOf(s[:8], 0x00_ff_ff_00_ff_ff_ff_ff)        // 2006-01-
	clock, ok2 := digitsOf(s[8:16], 0xff_ff_00_ff_ff_00_ff_ff)     // 02T15:04
	rest, ok3 := digitsOf(s[16:24], 0xff_ff_ff_ff_00_ff_ff_00)     // :05.0000
	fraction, ok4 := digitsOf(s[19:27], 0x00_ff_ff_ff_ff_ff_ff_00) // .000000Z
	year, month, day := date.pair(0)*100+date.pair(2), date.pair(5), clock.pair(0)
	hour, minute, second := clock.pair(3), clock.pair(6), rest.pair(1)
	micro := (fraction.pair(1)*100+fraction.pair(3))*100 + fraction.pair(5)
	if !ok1 || !ok2 || !ok3 || !ok4 || year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	seconds := ((daysSince1970(year, month, day)*24+hour)*60+minute)*60 + second
	return (seconds*1e6 + micro) * 1e3, true
}

// digits are the values of eight characters, the first one in the lowest byte.
type digits uint64

// digitsOf reads eight characters; ok is false if one of those in the bytes of mask is no digit.
func digitsOf(s string, mask uint64) (d digits, ok bool) {
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	w = (w ^ 0x3030303030303030) & mask
	return digits(w), (w+0x7676767676767676|w)&0x8080808080808080 == 0 // a digit and 0x76 do not reach the highest bit
}

// pair is the number of the two digits at i.
func (d digits) pair(i int) int64 { return int64(d>>(8*i)&15*10 + d>>(8*i+8)&15) }

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
