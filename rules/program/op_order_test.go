package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestTextsAreOrderedByBytes(t *testing.T) {
	f := func(value any, op Op, constant string, want bool) {
		t.Helper()
		expect(t, check(subject(event.Text), op, constant), value, want)
	}
	f("201", Lt, "400", true)
	f("1000", Lt, "400", true) // "1" is below "4"
	f("400", Ge, "400", true)
	f("400", Gt, "400", false)
	f("40", Le, "400", true)
	f("", Lt, "0", true)
	f("\xff", Gt, "z", true)
	f(nil, Lt, "400", false)
	f([]string{"1"}, Lt, "400", false)
}
