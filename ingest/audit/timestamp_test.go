package audit

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	same := func(s string) {
		t.Helper()
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		if ns, err := parseTime(s); err != nil || ns != want.UnixNano() {
			t.Errorf("%s: %d, want %d (%v)", s, ns, want.UnixNano(), err)
		}
	}
	for _, s := range []string{
		"2026-11-20T23:49:03.110759Z", "2026-11-20T23:49:03Z", "2026-11-20T23:49:03.1Z", "2026-11-20T23:49:03.123456789+05:30",
		"1970-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z", "1678-01-01T00:00:00.000000Z", "2261-12-31T23:59:59.999999Z",
	} {
		same(s)
	}
	for day := time.Date(1896, 1, 1, 23, 59, 58, 7000, time.UTC); day.Year() < 2105; day = day.AddDate(0, 0, 1) {
		s := day.Format(microTime)
		if _, ok := parseMicroTime(s); !ok {
			t.Fatal(s)
		}
		same(s)
	}
	for _, s := range []string{
		"", "yesterday", "2026-02-29T00:00:00.000000Z", "1900-02-29T00:00:00.000000Z", "2026-04-31T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z",
		"2026-11-20T24:00:00.000000Z", "2026-11-20T23:60:00.000000Z", "2026-11-20T23:59:60.000000Z", "2026-11-20T23:49:03.11075xZ",
		"0000-01-01T00:00:00.000000Z", "2262-01-01T00:00:00.000000Z", "9999-12-31T23:59:59Z",
	} {
		if ns, err := parseTime(s); err == nil {
			t.Errorf("%q: %d", s, ns)
		}
	}
}
