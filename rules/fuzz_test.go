package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzLoad: a set xor an error, never a panic; and what is printed is safe and names lines that exist.
func FuzzLoad(f *testing.F) {
	paths, _ := filepath.Glob("testdata/falco/rulefiles/*.yaml")
	for _, p := range paths {
		if data, err := os.ReadFile(p); err == nil {
			f.Add(strings.ReplaceAll(string(data), "ka.", "t."))
		}
	}
	archives, _ := filepath.Glob("testdata/errors/*.txtar")
	for _, p := range archives {
		if a, err := txtar.ParseFile(p); err == nil {
			f.Add(string(a.Files[0].Data))
		}
	}
	f.Fuzz(func(t *testing.T, file string) {
		set, found := load("f.yaml", file)
		if (set == nil) != found.HasErrors() {
			t.Fatalf("set %v, found %v", set, found)
		}
		for _, d := range found {
			if d.Line > strings.Count(file, "\n")+1 || d.Line > 0 && d.Column < 1 {
				t.Fatalf("no such place: %s", d)
			}
			if strings.ContainsAny(d.String(), "\x1b\x00\u202e") {
				t.Fatalf("not safe to print: %q", d)
			}
		}
		if set == nil {
			return
		}
		e := &testEvent{values: map[string]any{"t.text": "x"}, containers: []map[string]any{{"c.image": "x"}}}
		set.NewJudge(MatchAll).Judge(e, nil)
	})
}
