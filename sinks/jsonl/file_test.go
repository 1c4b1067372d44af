package jsonl

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// openTest opens a sink on path.
func openTest(t *testing.T, path string, change ...func(*Config)) *Sink {
	t.Helper()
	cfg := DefaultConfig()
	cfg.File = path
	for _, f := range change {
		f(&cfg)
	}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func closeTest(t *testing.T, s *Sink) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// holds checks the ids in a file.
func holds(t *testing.T, path string, want ...string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, idsIn(t, b)); diff != "" {
		t.Errorf("%s:\n%s", path, diff)
	}
}

// names are those of the folder's files.
func names(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func inTemp(t *testing.T) string { return filepath.Join(t.TempDir(), "alerts.jsonl") }

func TestWhatIsThereIsNotWrittenAgain(t *testing.T) {
	path := inTemp(t)
	s := openTest(t, path)
	write(t, s, "a", "b", "b", "b.1")
	closeTest(t, s)
	s = openTest(t, path)
	write(t, s, "b", "c", "a", "b.1", "b.2")
	holds(t, path, "a", "b", "b.1", "c", "b.2")
	if n := s.Duplicates(); n != 3 {
		t.Errorf("%d duplicates", n)
	}
}

func TestTornLine(t *testing.T) {
	f := func(before, torn string, want ...string) {
		t.Helper()
		path := inTemp(t)
		if err := os.WriteFile(path, []byte(before+torn), 0o600); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		s := openTest(t, path, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		write(t, s, "a", "b")
		holds(t, path, want...)
		kept, _ := os.ReadFile(path + ".torn")
		if torn != "" && (string(kept) != torn+"\n" || !strings.Contains(log.String(), "torn")) || torn == "" && kept != nil {
			t.Errorf("kept %q, said %s", kept, log.String())
		}
	}
	const a = `{"event":{"id":"a"},"parallax":{"revision":0}}` + "\n"
	f("", "", "a", "b")
	f(a, "", "a", "b")
	f(a, `{"event":{"id":"b"},"par`, "a", "b")
	f("", `{"event":{"id":"b"}`, "a", "b")
	f(a, strings.Repeat("x", 200_000), "a", "b")
}

func TestTwoProcesses(t *testing.T) {
	path := inTemp(t)
	openTest(t, path)
	cfg := DefaultConfig()
	cfg.File = path
	if _, err := Open(cfg); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("%v", err)
	}
}

func TestRotateBySize(t *testing.T) {
	path := inTemp(t)
	change := func(c *Config) { c.RotateBytes, c.Keep = 1000, 2 }
	s := openTest(t, path, change)
	for _, id := range strings.Split("abcdefghij", "") {
		write(t, s, id)
	}
	closeTest(t, s)
	all, err := finished(path)
	if err != nil || len(all) != 2 {
		t.Fatalf("%q, %v", all, err)
	}
	// What is in finished files is known too; numbers go on.
	s = openTest(t, path, change)
	b, _ := os.ReadFile(all[1])
	ids := idsIn(t, b)
	write(t, s, ids...)
	if s.Duplicates() != uint64(len(ids)) || len(ids) == 0 {
		t.Errorf("%d of %d known", s.Duplicates(), len(ids))
	}
	write(t, s, "x", "y")
	write(t, s, "z")
	again, _ := finished(path)
	if len(again) != 2 || again[1] <= all[1] {
		t.Errorf("%q after %q", again, all)
	}
	for _, p := range append(again, path) {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
}

// A file that somebody else has put there keeps its name and content.
func TestRotateTakesNoName(t *testing.T) {
	path := inTemp(t)
	s := openTest(t, path, func(c *Config) { c.RotateBytes = 10 })
	write(t, s, "a")
	now := time.Now()
	for i := range 3 { // the second may pass
		if err := os.WriteFile(finishedName(path, 1, now.Add(time.Duration(i)*time.Second)), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(t, s, "b")
	holds(t, path, "b")
	all, _ := finished(path)
	if len(all) != 4 {
		t.Fatalf("%q", all)
	}
	holds(t, all[3], "a")
}

func TestRotateByAge(t *testing.T) {
	path := inTemp(t)
	synctest.Test(t, func(t *testing.T) {
		s := openTest(t, path, func(c *Config) { c.RotateAfter = 24 * time.Hour })
		write(t, s, "a")
		write(t, s, "b")
		time.Sleep(24 * time.Hour)
		write(t, s, "c")
		all, err := finished(path)
		if err != nil || len(all) != 1 {
			t.Fatalf("%q, %v", all, err)
		}
		holds(t, all[0], "a", "b")
		holds(t, path, "c")
	})
}

// A file of yesterday is finished before the first line of today, though the process was started anew.
func TestRotateByAgeAfterARestart(t *testing.T) {
	path := inTemp(t)
	change := func(c *Config) { c.RotateAfter = 24 * time.Hour }
	s := openTest(t, path, change)
	write(t, s, "a")
	closeTest(t, s)
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(path, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, path, change)
	write(t, s, "a", "b")
	holds(t, path, "b")
}

// How old files are, the newest of them says: the clock may have jumped.
func TestOldFilesAreNotReadBack(t *testing.T) {
	path := inTemp(t)
	rotate := func(c *Config) { c.RotateBytes, c.Remember = 10, time.Hour }
	s := openTest(t, path, rotate)
	for _, id := range []string{"a", "b", "c"} {
		write(t, s, id)
	}
	closeTest(t, s)
	all, err := finished(path)
	if err != nil || len(all) != 2 {
		t.Fatalf("%q, %v", all, err)
	}
	for name, age := range map[string]time.Duration{all[0]: 30 * time.Hour, all[1]: 28 * time.Hour, path: 20 * time.Hour} {
		if err := os.Chtimes(name, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	s = openTest(t, path, rotate)
	write(t, s, "c", "b", "a")
	holds(t, path, "a")
}

// logrotate and people take files away, with and without telling.
func TestMovedAway(t *testing.T) {
	path := inTemp(t)
	s := openTest(t, path)
	write(t, s, "a")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(t, s, "b", "a")
	holds(t, path, "b")
	holds(t, path+".1", "a")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := s.Reopen(); err != nil {
		t.Fatal(err)
	}
	holds(t, path)
	write(t, s, "c", "b")
	holds(t, path, "c")
	if err := os.Truncate(path, 0); err != nil { // copytruncate
		t.Fatal(err)
	}
	write(t, s, "d")
	holds(t, path, "d")
}

// While its folder is gone, a sink fails; afterwards it goes on.
func TestFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "alerts.jsonl")
	s := openTest(t, path)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Write(t.Context(), alerts("a")); err == nil {
			t.Error("written to nowhere")
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, s, "a")
	holds(t, path, "a")
}

func TestFIFO(t *testing.T) {
	path := inTemp(t)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, path, func(c *Config) { c.RotateBytes = 1 })
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	write(t, s, "a", "b")
	closeTest(t, s)
	b := make([]byte, 64<<10)
	n, err := r.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b"}, idsIn(t, b[:n])); diff != "" {
		t.Error(diff)
	}
	if got := names(t, path); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

func TestDevice(t *testing.T) {
	s := openTest(t, "/dev/null")
	write(t, s, "a")
	s = openTest(t, "/dev/full")
	if err := s.Write(t.Context(), alerts("a")); !noRoom(err) {
		t.Errorf("%v", err)
	}
	for name, want := range map[string]bool{"/dev/stdout": false, "/proc/self/fd/1": false, "/dev/null": false, "x": true, t.TempDir(): true} {
		path, err := filePath(name)
		if err != nil || (path != "") != want {
			t.Errorf("%s: %q, %v", name, path, err)
		}
	}
}

// The file behind a link is rotated, and the link stays.
func TestLink(t *testing.T) {
	path := inTemp(t)
	real := filepath.Join(t.TempDir(), "real.jsonl")
	if err := os.WriteFile(real, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, path, func(c *Config) { c.RotateBytes = 1 })
	write(t, s, "a")
	write(t, s, "b")
	holds(t, path, "b")
	if all, err := finished(real); err != nil || len(all) != 1 {
		t.Errorf("%q, %v", all, err)
	}
}

func TestSyncPolicies(t *testing.T) {
	for _, policy := range []string{"always", "never", "1ms"} {
		path := inTemp(t)
		synctest.Test(t, func(t *testing.T) {
			s := openTest(t, path, func(c *Config) { c.Sync = policy })
			write(t, s, "a")
			write(t, s, "b")
			time.Sleep(time.Second)
			synctest.Wait()
			s.mu.Lock()
			if s.out.(*file).syncer.waiting != nil {
				t.Errorf("%s: lines wait", policy)
			}
			s.mu.Unlock()
			write(t, s, "c")
			closeTest(t, s)
			holds(t, path, "a", "b", "c")
		})
	}
}

func TestOddLinesStay(t *testing.T) {
	path := inTemp(t)
	odd := "not JSON\n\n{}\n" + strings.Repeat("y", maxLineBytes+10) + "\n"
	if err := os.WriteFile(path, []byte(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	s := openTest(t, path, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	write(t, s, "a")
	b, _ := os.ReadFile(path)
	if !strings.HasPrefix(string(b), odd) || !strings.Contains(log.String(), "lines=3") {
		t.Errorf("said %s", log.String())
	}
}

func BenchmarkReadBack(b *testing.B) {
	path := filepath.Join(b.TempDir(), "alerts.jsonl")
	cfg := DefaultConfig()
	cfg.File, cfg.Sync = path, "never"
	s, err := Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	const lines = 20_000
	for i := range lines {
		a := alert(strings.Repeat("x", 20) + string(rune('a'+i%26)) + time.Duration(i).String())
		a.Reason, a.Rule.Description = strings.Repeat("why ", 100), strings.Repeat("what ", 100)
		if err := s.Write(b.Context(), append(alerts(), a)); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	info, _ := os.Stat(path)
	b.SetBytes(info.Size())
	for b.Loop() {
		s, err := Open(cfg)
		if err != nil || len(s.known.young) != lines {
			b.Fatal(err, len(s.known.young))
		}
		_ = s.Close()
	}
}
