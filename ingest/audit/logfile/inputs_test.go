package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func origins(pieces []piece) (names []string) {
	for _, p := range pieces {
		names = append(names, p.Origin)
	}
	return names
}

func TestDirectoriesAreWalked(t *testing.T) {
	dir := write(t, map[string]string{"b": "{}\n", "sub/deep/a": "{}\n", "sub/.hidden": "{}\n", ".git/x": "{}\n", "c/d": "{}\n"})
	if err := os.Symlink("b", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	got := origins(readAll(t, openAll(t, Config{}, dir, dir+"/b", dir+"/./c/d", dir+"/link")))
	if d := cmp.Diff([]string{"b", "d", "link", "a"}, got); d != "" {
		t.Error(d)
	}
}

func TestEveryBadNameIsTold(t *testing.T) {
	dir := write(t, map[string]string{"ok": "{}\n", "none/.hidden": ""})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Skip("no named pipes here:", err)
	}
	_, err := Open(Config{}, []string{dir + "/missing", dir + "/ok", dir + "/pipe", "/dev/null", dir + "/none", "-"}, nil)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"missing: no such file", "pipe is a named pipe; read it as standard input: parallax replay - < PIPE", "/dev/null is a device",
		"none holds no files", "there is no standard input",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
	if _, err := Open(Config{}, nil, nil); err == nil || !strings.Contains(err.Error(), "nothing to read") {
		t.Error(err)
	}
}

func TestBadFilesOfADirectoryAreFaults(t *testing.T) {
	dir := write(t, map[string]string{"a": "{}\n", "secret": "{}\n", "closed/x": "{}\n", "z": "{}\n"})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Skip("no named pipes here:", err)
	}
	want := []string{"pipe: left out: it is a named pipe; read it as standard input: parallax replay - < PIPE"}
	read := []string{"pipe", "a", "x", "secret", "z"}
	if os.Getuid() != 0 { // root reads everything
		_ = os.Chmod(filepath.Join(dir, "secret"), 0)
		_ = os.Chmod(filepath.Join(dir, "closed"), 0)
		want = append([]string{"closed: open: permission denied"}, append(want, "secret: open: permission denied")...)
		read = []string{"closed", "a", "z"}
	}
	got := readAll(t, openAll(t, Config{}, dir))
	if d := cmp.Diff(want, got[0].Faults); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(read[1:], origins(got)[1:]); d != "" {
		t.Error(d)
	}
}

func TestAFileThatGoesAwayIsAFault(t *testing.T) {
	dir := write(t, map[string]string{"a": at(1, "aa"), "b": at(2, "bb")})
	r := openAll(t, Config{}, dir)
	if err := os.Remove(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	got := readAll(t, r)
	if len(got) != 2 || len(got[1].Faults) != 1 || got[1].Faults[0] != "b: open: no such file or directory" {
		t.Error(got)
	}
}

func TestLeave(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.log": "{}\n", "b.rec": "\x89other\n", "c.rec": "\x89other too", "d": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := DefaultConfig()
	cfg.Leave = func(head []byte) bool { return strings.HasPrefix(string(head), "\x89other") }
	r, err := Open(cfg, []string{dir, filepath.Join(dir, "c.rec")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if diff := cmp.Diff([]string{filepath.Join(dir, "b.rec"), filepath.Join(dir, "c.rec")}, r.Left()); diff != "" {
		t.Error(diff)
	}
	if _, total := r.Progress(); total != 3 {
		t.Errorf("%d bytes to be read", total)
	}
}
