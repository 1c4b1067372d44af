package program

import (
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// TestGlob has what fnmatch(3) of the GNU C library answers with no flags, and with FNM_CASEFOLD, in the C locale.
func TestGlob(t *testing.T) {
	f := func(pattern, s string, want bool) {
		t.Helper()
		expect(t, check(subject(event.Text), Glob, pattern), s, want)
	}
	f("", "", true)
	f("", "a", false)
	f("*", "", true)
	f("*", "a/b", true) // crosses slashes
	f("a?c", "a/c", true)
	f("?", "", false)
	f("*", ".hidden", true)
	f("a*b*c", "aXbXbXc", true)
	f("a*b*c", "aXbXbX", false)
	f("[a-c]x", "bx", true)
	f("[a-c]x", "dx", false)
	f("[!a-c]x", "dx", true)
	f("[^a-c]x", "ax", false)
	f("[]]", "]", true)
	f("[!]]", "]", false)
	f("[a-]", "-", true)
	f("[c-a]", "b", false)
	f("[/]", "/", true)
	f("[", "[", true) // no end: it stands for itself
	f("[ab", "[ab", true)
	f("[[:digit:]x]", "7", true)
	f("[[:digit:]x]", "x", true)
	f("[[:nothing:]x]", "x", false)
	f("[[.a.]b]", "a", true)
	f("[[=a=]b]", "a", true)
	f(`[\]]`, "]", true)
	f(`\*`, "*", true)
	f(`\*`, "x", false)
	f(`a\`, "a", false)
	f(`a\`, `a\`, false)
	f("***", "x", true)
	f("abc", "abc", true)
	f("ABC", "abc", false)
	f("a*", "", false)
	f("?", "\xff", true) // a byte, whatever it means
}

func TestIGlob(t *testing.T) {
	f := func(pattern, s string, want bool) {
		t.Helper()
		expect(t, check(subject(event.Text), IGlob, pattern), s, want)
	}
	f("cm*", "Cm-UP", true)
	f("CM*", "cm-up", true)
	f("*UP", "cm-up", true)
	f("*-U*", "cm-up", true)
	f("[A-C]", "b", true)
	f("[a-c]", "B", true)
	f("[!a-c]", "B", false)
	f("[[:upper:]]", "b", false)
	f("[[:upper:]]", "B", true)
}

func TestGlobClasses(t *testing.T) {
	members := map[string]string{
		"upper": "AZ", "lower": "az", "digit": "09", "alnum": "aZ9", "alpha": "aZ", "blank": " \t", "cntrl": "\x00\x7f", "graph": "!~",
		"print": " ~", "punct": "!_~", "space": " \n\v", "xdigit": "aF9",
	}
	for name, in := range members {
		for i := range len(in) {
			if !globClass(name)(in[i]) {
				t.Errorf("%q is not in %s", in[i], name)
			}
		}
		if globClass(name)(0x80) {
			t.Errorf("0x80 is in %s", name)
		}
	}
}

// TestGlobIsNotExponential matches what makes a matcher that tries every star in turn take for ever.
func TestGlobIsNotExponential(t *testing.T) {
	start := time.Now()
	expect(t, check(subject(event.Text), Glob, strings.Repeat("a*", 40)+"b"), strings.Repeat("a", 20000), false)
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
}
