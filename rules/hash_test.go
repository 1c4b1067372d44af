package rules

import (
	"regexp"
	"testing"
)

func TestHash(t *testing.T) {
	load := func(files ...File) *Set {
		t.Helper()
		s, found := Load(Env{}, files)
		if s == nil {
			t.Fatal(found)
		}
		return s
	}
	a, b := File{Name: "a", Data: []byte("- list: a\n  items: [x]\n")}, File{Name: "b", Data: []byte("- list: b\n  items: [x]\n")}
	builtin := a
	builtin.Builtin = true
	want := load(a, b).Hash(MatchAll)
	if !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(want) {
		t.Errorf("hash %q", want)
	}
	moved := a
	moved.Name = "elsewhere/a"
	if got := load(moved, b).Hash(MatchAll); got != want {
		t.Errorf("the place of a file changes the hash")
	}
	seen := map[string]string{want: "both"}
	for name, got := range map[string]string{
		"first": load(a, b).Hash(MatchFirst), "order": load(b, a).Hash(MatchAll), "one": load(a).Hash(MatchAll), "builtin": load(builtin, b).Hash(MatchAll),
		"joined": load(File{Data: append(append([]byte(nil), a.Data...), b.Data...)}).Hash(MatchAll), "none": load().Hash(MatchAll),
	} {
		if other, dup := seen[got]; dup {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[got] = name
	}
}
