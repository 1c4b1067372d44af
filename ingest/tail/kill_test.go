package tail

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
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
		t.Skip("it is the process that TestKill kills")
	}
	out, err := os.OpenFile(filepath.Join(dir, "out"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(out) // the one before may have been killed within a line
	cfg := quick()
	cfg.StateFile = filepath.Join(dir, "state")
	cfg.ChunkBytes = 64 << 10
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
	for _, compress := range []bool{false, true} {
		t.Run(fmt.Sprintf("compress=%v", compress), func(t *testing.T) { testKill(t, compress) })
	}
}

func testKill(t *testing.T, compress bool) {
	const events = 12_000
	dir := t.TempDir()
	written := make(chan struct{})
	go func() {
		defer close(written)
		writeAudit(filepath.Join(dir, "log", "audit.log"), events, compress)
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

// writeAudit writes events through the API server's log backend, which rotates every megabyte.
func writeAudit(path string, events int, compress bool) {
	w := &lumberjack.Logger{Filename: path, MaxSize: 1, Compress: compress}
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
