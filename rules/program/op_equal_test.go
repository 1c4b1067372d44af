package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestEqual(t *testing.T) {
	f := func(op Op, constant string, value any, want bool) {
		t.Helper()
		expect(t, check(subject(event.Text), op, constant), value, want)
	}
	f(Eq, "alice", "alice", true)
	f(Eq, "alice", "alic", false)
	f(Eq, "alice", "Alice", false)
	f(Eq, "alice", "alice\x00", false) // a NUL does not end a text
	f(Eq, "", "", true)                // the empty text is a value
	f(Ne, "", "", false)
	f(Ne, "alice", "bob", true)
	f(Ne, "alice", "alice", false)
	f(Eq, "0xc9", "201", false) // texts are not numbers
	f(Eq, "alice", nil, false)
	f(Ne, "alice", nil, false) // nothing holds of a missing value
	f(Eq, "alice", []string{"alice"}, false)
	f(Ne, "alice", []string{"bob"}, false)
}

func TestExists(t *testing.T) {
	f := func(typ event.Type, value any, want bool) {
		t.Helper()
		expect(t, check(subject(typ), Exists), value, want)
	}
	f(event.Text, "", true)
	f(event.Text, nil, false)
	f(event.Text, []string{}, false) // an empty list is missing
	f(event.Text, []string{""}, true)
	f(event.Number, uint64(0), true)
	f(event.IP, "not an address", true)
}
