package event

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	f := func(in string, limit int, want string) {
		t.Helper()
		got := Clip(in, limit)
		if got != want {
			t.Errorf("Clip(%d bytes, %d) = %q, want %q", len(in), limit, got, want)
		}
		if again := Clip(got, limit); again != got {
			t.Errorf("clipping again: %q", again)
		}
	}
	f("short", 64, "short")
	f(strings.Repeat("a", 64), 64, strings.Repeat("a", 64))
	f(strings.Repeat("a", 65), 64, strings.Repeat("a", 50)+"... [65 bytes]")
	f(strings.Repeat("a", 1<<20), 64, strings.Repeat("a", 45)+"... [1048576 bytes]")
	f(strings.Repeat("é", 50), 64, strings.Repeat("é", 24)+"... [100 bytes]")
	f(strings.Repeat("\x80", 100), 64, strings.Repeat("\x80", 45)+"... [100 bytes]")
	if !utf8.ValidString(Clip(strings.Repeat("日", 100), 64)) {
		t.Error("cut inside a character")
	}
}

func TestClipEscapedCutsNoEscape(t *testing.T) {
	for _, escape := range []string{`\x1b`, `\u202e`, `\U000e0041`, "é", `\n`, "a"} {
		for shift := range 12 {
			s := strings.Repeat("x", shift) + strings.Repeat(escape, 100)
			got := ClipEscaped(s, 64)
			kept, _, found := strings.Cut(got, "... [")
			rest := strings.TrimLeft(kept, "x")
			if !found || len(got) > 64 || len(got) < 64-maxEscapeLen || strings.ReplaceAll(rest, escape, "") != "" && escapeLen(escape) > 0 {
				t.Errorf("%q", got)
			}
			if again := ClipEscaped(got, 64); again != got {
				t.Errorf("clipping again: %q", again)
			}
		}
	}
}

func TestClipList(t *testing.T) {
	short := []string{"a", "b"}
	if got := ClipList(short); &got[0] != &short[0] {
		t.Error("a short list was copied")
	}
	many := slices.Repeat([]string{"x"}, 70000)
	got := ClipList(many)
	if len(got) != MaxListLen || got[len(got)-1] != "... [70000 items]" {
		t.Errorf("%d items, the last %q", len(got), got[len(got)-1])
	}
	long := slices.Repeat([]string{strings.Repeat("y", MaxTextBytes+1)}, 9)
	got = ClipList(long)
	if len(got) != 5 || got[4] != "... [9 items]" || len(got[0]) != MaxTextBytes {
		t.Errorf("%d items, the last %q", len(got), got[len(got)-1])
	}
	for _, list := range [][]string{many, long} {
		once := ClipList(list)
		if again := ClipList(once); !slices.Equal(again, once) {
			t.Error("clipping again changed a list")
		}
	}
}
