package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample is the recorded log that ships with the project.
const sample = "../../examples/audit/sample.log"

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

// cli runs a command line with nothing on standard input.
func cli(t *testing.T, args ...string) result {
	t.Helper()
	return cliIn(t, "", args...)
}

func cliIn(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	a := &app{in: strings.NewReader(stdin), out: &out, err: &err, env: func(string) string { return "" }}
	code := a.run(t.Context(), args)
	return result{code, out.String(), err.String()}
}

func (r result) want(t *testing.T, code int, inErr ...string) result {
	t.Helper()
	if r.code != code {
		t.Errorf("exit status %d, want %d\n%s", r.code, code, r.err)
	}
	for _, s := range inErr {
		if !strings.Contains(r.err, s) {
			t.Errorf("standard error does not say %q:\n%s", s, r.err)
		}
	}
	return r
}

// write writes a file for a test and returns its name.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWrongUsage(t *testing.T) {
	f := func(inErr string, args ...string) {
		t.Helper()
		if r := cli(t, args...).want(t, exitUsage, inErr); r.out != "" {
			t.Errorf("%q printed on standard output: %s", args, r.out)
		}
	}
	f("unknown command", "replya", sample)
	f("unknown command", "rules", "lsit")
	f("--nonsense", "replay", "--nonsense", sample)
	f("'parallax replay --help'", "replay")
	f(`--output "xml": want json or text`, "replay", "--output", "xml", sample)
	f(`--matching`, "replay", "--matching", "some", sample)
	f(`--min-severity "grave"`, "replay", "--min-severity", "grave", sample)
	f(`--fail-on "warn"`, "replay", "--fail-on", "warn", sample)
	f(`--since "yesterday"`, "replay", "--since", "yesterday", sample)
	f("--until 2026-11-20 is not after --since 2026-11-21", "replay", "--since", "2026-11-21", "--until", "2026-11-20", sample)
	f("--until 0001-01-01 is not after", "replay", "--until", "0001-01-01", sample)
	f("--workers -1", "replay", "--workers", "-1", sample)
	f("--rule R99: no rule", "replay", "--rule", "R99", sample)
	f("--no-builtin leaves no rules", "replay", "--no-builtin", sample)
	f("read rules", "replay", "--rules", "/does/not/exist.yaml", sample)
	f("no *.yaml", "replay", "--rules", t.TempDir(), sample)
	f("R99: no rule", "rules", "explain", "R99")
	f("--source moon", "rules", "fields", "--source", "moon")
	f("--output html", "rules", "fields", "--output", "html")
	f("requires at least 1 arg", "rules", "check")
}

func TestHelpIsOnStandardOutput(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"replay", "--help"}, {"rules"}, {"rules", "test", "-h"}} {
		if r := cli(t, args...).want(t, exitDone); !strings.Contains(r.out, "Usage:") || r.err != "" {
			t.Errorf("%q: %q, %q", args, r.out, r.err)
		}
	}
}

func TestVersionAndCompletion(t *testing.T) {
	if r := cli(t, "version").want(t, exitDone); !strings.HasPrefix(r.out, "parallax ") || strings.Count(r.out, "\n") != 1 {
		t.Errorf("version: %q", r.out)
	}
	if r := cli(t, "completion", "bash").want(t, exitDone); !strings.Contains(r.out, "parallax") {
		t.Errorf("completion: %q", r.out)
	}
}

// Standard output that fails is told, unless its reader has gone.
func TestOutputFails(t *testing.T) {
	var err bytes.Buffer
	a := &app{in: strings.NewReader(""), out: brokenWriter{io.ErrShortWrite}, err: &err, env: func(string) string { return "" }}
	code := a.run(context.Background(), []string{"replay", sample})
	if code != exitFailed || !strings.Contains(err.String(), "parallax: write alerts: short write") {
		t.Errorf("%d, %s", code, err.String())
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func equal(t *testing.T, what, want, got string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
