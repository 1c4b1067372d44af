package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestModifiers(t *testing.T) {
	f := func(value any, op Op, mod Mod, want bool, constants ...string) {
		t.Helper()
		expect(t, checkMod(subject(event.Text), op, mod, constants...), value, want)
	}
	f("get", Eq, AnyOf, true, "get", "create")
	f("get", Eq, OneOf, true, "get", "create")
	f("get", Eq, OneOf, false, "get", "get") // two of them
	f("get", Eq, AllOf, false, "get", "create")
	f("patch", Ne, AllOf, true, "get", "create")
	f("get", Ne, AllOf, false, "get", "create")
	f("get", Ne, AnyOf, true, "get", "create")
	f("/api/v1/x", StartsWith, AnyOf, true, "/api", "/apis")
	f("abc", Contains, AllOf, true, "a", "bc")
	f("abc", Contains, OneOf, false, "a", "bc")
	f("abc", Glob, OneOf, true, "a*", "b*")
	f("abc", Glob, OneOf, false, "a*", "*c")
	f("abc", Regex, AllOf, true, "a.*", ".*c")
	f("abc", Contains, AllOf, true, "", "b")
	f("x", Eq, AllOf, false) // nothing to hold
	f(nil, Ne, AllOf, false, "get")
	f([]string{"get"}, Eq, AnyOf, false, "get")
}

func TestModifiersOfNumbers(t *testing.T) {
	n := checkNumbers(subject(event.Number), Gt, 1, 5)
	f := func(value uint64, mod Mod, want bool) {
		t.Helper()
		n.Test.Mod = mod
		expect(t, n, value, want)
	}
	f(3, OneOf, true)
	f(6, OneOf, false)
	f(6, AllOf, true)
	f(3, AnyOf, true)
	f(1, AnyOf, false)
}
