package rules

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what is printed into testdata/errors")

// TestErrorTexts loads the files of each archive in testdata/errors and compares what is printed with its last file, "want".
func TestErrorTexts(t *testing.T) {
	paths, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d archives, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 1
			var files []string
			for _, f := range archive.Files[:last] {
				files = append(files, f.Name, string(f.Data))
			}
			set, found := load(files...)
			if (set == nil) != found.HasErrors() {
				t.Errorf("set %v with %v", set, found)
			}
			want := &archive.Files[last]
			if got := printed(found); *update {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(string(want.Data), got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDiagnosticsAreSafeToPrint(t *testing.T) {
	_, found := load("a\x1b[2J.yaml", ruleText("\"R\\e[31m\"", "'t.text = \u202ex y'", ""))
	got := printed(found)
	if found == nil || strings.ContainsAny(got, "\x1b\u202e") {
		t.Errorf("%q", got)
	}
}

func TestLongLinesAreCutAroundTheCaret(t *testing.T) {
	_, found := load("f.yaml", ruleText("R", strings.Repeat("t.text exists and ", 50)+"t.txet exists"+strings.Repeat(" and t.text exists", 50), ""))
	lines := strings.Split(printed(found), "\n")
	if len(lines) != 4 {
		t.Fatalf("%q", lines)
	}
	caret := strings.Index(lines[2], "^")
	if len(lines[1]) > 200 || caret < 0 || !strings.HasPrefix(lines[1][caret:], "t.txet") {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}

func TestDiagnosticsError(t *testing.T) {
	ds := Diagnostics{{Warning: true, Message: "w"}, {File: "f", Message: "a"}, {File: "f", Line: 2, Column: 3, Message: "b"}}
	if got, want := ds.Error(), "f: error: a (and 1 more)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if !ds.HasErrors() || ds[:1].HasErrors() {
		t.Error("HasErrors")
	}
}
