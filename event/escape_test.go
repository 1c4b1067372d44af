package event

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Escape(in); got != want {
			t.Errorf("Escape(%q) = %s, want %s", in, got, want)
		}
		if back := Unescape(Escape(in)); back != in {
			t.Errorf("Unescape(Escape(%q)) = %q", in, back)
		}
	}
	f("", "")
	f("kubectl/v1.33 (linux/amd64)", "kubectl/v1.33 (linux/amd64)")
	f("Jürgen 日本 ★", "Jürgen 日本 ★")
	f("a\nb\tc\x00", `a\x0ab\x09c\x00`)
	f("\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`)
	f("\x7f", `\x7f`)
	f("\u009b31m", `\u009b31m`) // the one-character CSI
	f("user\u202egnp.exe", `user\u202egnp.exe`)
	f("zero\u200bwidth\ufeff", `zero\u200bwidth\ufeff`)
	f("no\u00a0break\u3000wide", `no\u00a0break\u3000wide`)
	f("tag\U000e0041", `tag\U000e0041`)
	f("\ufe0f\u3164\u2800\u034f", `\ufe0f\u3164\u2800\u034f`)
	f("line\u2028sep", `line\u2028sep`)
	f("bad\xff\xc3(", `bad\xff\xc3(`)
	f("\xed\xa0\x80", `\xed\xa0\x80`) // a surrogate in UTF-8
	f("\ufffd", "\ufffd")
	f(`C:\dir printf '\n' \`, `C:\dir printf '\n' \`)
	f(`\u202e`, `\x5cu202e`)
	f(`\\x41`, `\\x5cx41`)
	f(`\x4`, `\x4`)
	f("\\x4\u200b", `\x4\u200b`)
	f(`\x5c`, `\x5cx5c`)
	f(`\u00E9`, `\u00E9`) // capitals are never written, so they need no care
}

func TestAppendVisibleKeepsEscapes(t *testing.T) {
	got := string(AppendVisible(nil, `user=a\u202eb`+"\n"))
	if want := `user=a\u202eb\x0a`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"a", `\x5c`, "\\u202\u200b", "\xff\\xff", `\\u0041`, `\U0001F600`, `\ud800`, "\U0010ffff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		esc := Escape(s)
		if back := Unescape(esc); back != s {
			t.Fatalf("%q became %q, then %q", s, esc, back)
		}
		if !utf8.ValidString(esc) || strings.ContainsFunc(esc, func(r rune) bool { return !visible(r, utf8.RuneLen(r)) }) {
			t.Fatalf("%q became %q, which cannot be shown", s, esc)
		}
		if again := string(AppendVisible(nil, esc)); again != esc {
			t.Fatalf("AppendVisible changed %q to %q", esc, again)
		}
	})
}
