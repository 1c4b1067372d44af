package tail

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
	authnv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	pluginlog "k8s.io/apiserver/plugin/pkg/audit/log"
)

// childEnv names the directory of a process that TestKillChild is to be.
const childEnv = "PARALLAX_TEST_TAIL_DIR"

// TestKillChild follows a log until it is killed, and appends what it is given to a file.
func TestKillChild(t *testing.T) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return // it is the process that TestKill kills
	}
	out, err := os.OpenFile(filepath.Join(dir, "out"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(out) // the one before may have been killed within a line
	cfg := quick()
	cfg.StateFile = filepath.Join(dir, "state")
	cfg.ChunkBytes = 64 << 10
	cfg.Start = StartOldest // the first of these processes may be killed before there is a state, and rotation may follow
	cfg.Gap = func(g Gap) { fmt.Fprintf(out, "gap: %s\n", g) }
	tail, err := New(cfg, []string{filepath.Join(dir, "log", "audit.log")})
	if err != nil {
		t.Fatal(err)
	}
	_ = tail.Run(context.Background(), func(_ context.Context, c Chunk) error {
		_, err := out.Write(c.Data)
		return err
	})
}

// The API server's own backend and rotation write under load, while the process that follows them is killed again and again:
// no event is missing, and no gap is told.
func TestKill(t *testing.T) {
	t.Run("lumberjack", func(t *testing.T) { testKill(t, &lumberjack.Logger{MaxSize: 1}) })
	t.Run("lumberjack, compressed", func(t *testing.T) { testKill(t, &lumberjack.Logger{MaxSize: 1, Compress: true}) })
	t.Run("logrotate", func(t *testing.T) { testKill(t, &logrotate{max: 256 << 10}) })
}

func testKill(t *testing.T, log io.WriteCloser) {
	const events = 12_000
	dir := t.TempDir()
	path := filepath.Join(dir, "log", "audit.log")
	switch log := log.(type) {
	case *lumberjack.Logger:
		log.Filename = path
	case *logrotate:
		log.path = path
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		writeAudit(log, events)
	}()
	for done := false; !done; {
		child := startChild(t, dir)
		select {
		case <-written:
			done = true
		case <-time.After(time.Duration(10+rand.IntN(150)) * time.Millisecond):
		}
		kill(t, child)
	}
	child := startChild(t, dir)
	defer kill(t, child)
	missing := map[string]bool{}
	for i := range events {
		missing[auditID(i)] = true
	}
	readAll(t, filepath.Join(dir, "out"), missing)
}

func startChild(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKillChild$")
	child.Env = append(os.Environ(), childEnv+"="+dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

func kill(t *testing.T, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
}

func auditID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// writeAudit writes events through the API server's log backend.
func writeAudit(w io.WriteCloser, events int) {
	defer w.Close()
	backend := pluginlog.NewBackend(w, pluginlog.FormatJson, auditv1.SchemeGroupVersion)
	for i := range events {
		now := metav1.NowMicro()
		backend.ProcessEvents(&auditinternal.Event{
			AuditID: types.UID(auditID(i)), Level: auditinternal.LevelMetadata, Stage: auditinternal.StageResponseComplete,
			RequestURI: "/api/v1/namespaces/dev/pods?x=" + strings.Repeat("y", rand.IntN(1500)), Verb: "list",
			User:                     authnv1.UserInfo{Username: "alice"},
			RequestReceivedTimestamp: now, StageTimestamp: now,
		})
		if i%20 == 0 {
			time.Sleep(time.Millisecond) // as an API server under load: 20,000 events a second at most
		}
	}
}

// logrotate writes a file and rotates it as logrotate does with delaycompress: each backup gets the next number, the second one
// is compressed.
type logrotate struct {
	path    string
	max     int64
	file    *os.File
	size    int64
	backups int
}

func (l *logrotate) Write(p []byte) (int, error) {
	if l.file == nil || l.size+int64(len(p)) > l.max {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	l.size += int64(len(p))
	return l.file.Write(p)
}

func (l *logrotate) Close() error { return l.file.Close() }

func (l *logrotate) rotate() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	if l.file != nil {
		if err := errors.Join(l.file.Close(), l.renumber()); err != nil {
			return err
		}
	}
	var err error
	l.size = 0
	l.file, err = os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return err
}

func (l *logrotate) backup(n int) string { return fmt.Sprintf("%s.%d", l.path, n) }

func (l *logrotate) renumber() error {
	for n := l.backups; n > 1; n-- {
		if err := os.Rename(l.backup(n)+".gz", l.backup(n+1)+".gz"); err != nil {
			return err
		}
	}
	if l.backups > 0 {
		if err := errors.Join(os.Rename(l.backup(1), l.backup(2)), compressFile(l.backup(2))); err != nil {
			return err
		}
	}
	l.backups++
	return os.Rename(l.path, l.backup(1))
}

// compressFile makes an archive of a file beside it, then removes the file.
func compressFile(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	out, err := os.Create(path + ".gz")
	if err != nil {
		return err
	}
	z := gzip.NewWriter(out)
	_, err = z.Write(data)
	return errors.Join(err, z.Close(), out.Close(), os.Remove(path))
}

// readAll waits until the lines of a file have had all ids.
func readAll(t *testing.T, path string, missing map[string]bool) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, seen, line := bufio.NewReader(f), 0, []byte(nil)
	for wait := 0; len(missing) > 0; {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); err != nil {
			if wait++; wait > 1000 {
				t.Fatalf("%d events are missing, %s among them; %d lines", len(missing), first(missing), seen)
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if bytes.HasPrefix(line, []byte("gap")) {
			t.Errorf("%s", line)
		}
		if _, rest, ok := bytes.Cut(line, []byte(`"auditID":"`)); ok && bytes.HasSuffix(line, []byte("}\n")) {
			id, _, _ := bytes.Cut(rest, []byte(`"`))
			delete(missing, string(id))
			seen++
		}
		line = line[:0]
	}
	t.Logf("%d lines", seen)
}

func first(ids map[string]bool) string {
	least := ""
	for id := range ids {
		if least == "" || id < least {
			least = id
		}
	}
	return least
}
