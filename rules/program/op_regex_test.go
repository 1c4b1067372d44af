package program

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestRegex(t *testing.T) {
	f := func(value any, pattern string, want bool) {
		t.Helper()
		expect(t, check(subject(event.Text), Regex, pattern), value, want)
	}
	f("/api/v1/pods", "api", false) // the whole text must match
	f("/api/v1/pods", "/api/v[0-9]+/.*", true)
	f("/api/v1/pods", "^/api.*$", true)
	f("ab", "a|ab", true)
	f("abc", "(a|ab)(c|bcd)", true)
	f("a\nb", "a.b", false)   // "." is no line feed
	f("a\nb", "a[^x]b", true) // a set is
	f("", "", true)
	f("", "x*", true)
	f("aaa", "a{2,3}", true)
	f("wget http://x", ".*(curl|wget) .*", true)
	f("+abc", `\+abc`, true)
	f(nil, ".*", false)
	f(strings.Repeat("a", 5000)+"!", "(a*)*b", false) // linear
}

func TestRegexSyntaxIsPOSIX(t *testing.T) {
	for _, pattern := range []string{`\d+`, `(?i)x`, `(`, `[`, `*`, `a{2000}`} {
		if _, err := newRegex(pattern); err == nil {
			t.Errorf("%q is accepted", pattern)
		}
	}
}

func TestRequiredLiteral(t *testing.T) {
	f := func(pattern, want string) {
		t.Helper()
		if got := requiredLiteral(pattern); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
	f("/api/v[0-9]+/secrets", "/secrets")
	f("(foobar)+x", "foobar")
	f("foobar|x", "")
	f("(foobar)?x", "x")
	f("(foobar){2,}", "foobar")
	f("[ab]", "")
	f("\ufffdabc", "")
}
