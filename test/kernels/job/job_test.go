package job

import "testing"

func TestStatusOfALine(t *testing.T) {
	f := func(line string, want int, ok bool) {
		t.Helper()
		if got, gotOK := Status(line); got != want || gotOK != ok {
			t.Errorf("%q: got %d, %t, want %d, %t", line, got, gotOK, want, ok)
		}
	}
	f(StatusLine(0), 0, true)
	f(StatusLine(3)+"\r", 3, true)
	f("guest-status ", 0, false)
	f("guest-status x", 0, false)
	f("ok  guest-status 0", 0, false)
}
