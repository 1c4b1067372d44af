package jsonl

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

const (
	childEnv    = "PARALLAX_TEST_JSONL_CHILD" // the folder that a child is to work in
	childAlerts = 6000
)

// lagging is a queue that survives its process, as a stream does: what was done is known there a while later only, so that some of
// it is given out again.
type lagging struct {
	file   string
	alerts []*event.Alert
	at     int
}

func (q *lagging) Next(_ context.Context, most int) ([]*event.Alert, error) {
	if q.at == len(q.alerts) {
		return nil, io.EOF
	}
	from := q.at
	q.at = min(from+1+rand.IntN(most), len(q.alerts))
	return q.alerts[from:q.at], nil
}

func (q *lagging) Done(context.Context, []*event.Alert) error {
	known := max(0, q.at-rand.IntN(300))
	if err := os.WriteFile(q.file+".new", []byte(strconv.Itoa(known)), 0o600); err != nil {
		return err
	}
	return os.Rename(q.file+".new", q.file)
}

func (q *lagging) Dead(_ context.Context, a *event.Alert, reason error) error {
	return fmt.Errorf("%s was refused: %w", a.ID, reason)
}

// TestChild is the process that is killed.
func TestChild(t *testing.T) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		return // it is the process that TestKill kills
	}
	q := &lagging{file: filepath.Join(dir, "position"), alerts: sinktest.Alerts(childAlerts)}
	if b, err := os.ReadFile(q.file); err == nil {
		if q.at, err = strconv.Atoi(string(b)); err != nil {
			t.Fatal(err)
		}
	}
	cfg := DefaultConfig()
	cfg.File, cfg.RotateBytes, cfg.Sync = filepath.Join(dir, "alerts.jsonl"), 1<<20, "never" // a process that is killed needs no sync
	fmt.Println("begins")
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("opened")
	config := sinks.DefaultConfig()
	config.Batch = 200
	if err := sinks.Deliver(t.Context(), config, q, s); err != nil {
		t.Fatal(err)
	}
	fmt.Println("ends")
}

// child runs the process and kills it a while after it said something. It says whether the process came to its end.
func child(t *testing.T, dir, something string, after time.Duration) bool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said = append(said, lines.Text())
		switch lines.Text() {
		case something:
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		case "ends":
			ended = true
		}
	}
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() >= 0 {
		t.Fatalf("the process failed by itself: %v\n%s", err, strings.Join(said, "\n"))
	}
	return ended
}

// Whenever the process is killed, in the end each alert is in the files once, in whole lines.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("kills many processes")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "alerts.jsonl")
	kills := 0
	for round := range 40 {
		when := "opened"
		if round%8 == 7 {
			when = "begins" // while it reads back
		}
		if child(t, dir, when, time.Duration(rand.IntN(8_000))*time.Microsecond) {
			break
		}
		kills++
	}
	if !child(t, dir, "", 0) {
		t.Error("the last process did not come to its end")
	}
	got := rig{path}.got(t)
	want := make([]string, 0, childAlerts)
	for _, a := range sinktest.Alerts(childAlerts) {
		want = append(want, sinktest.Name(a.ID, a.Revision))
	}
	if !slices.Equal(got, want) {
		t.Errorf("after %d kills: %d lines for %d alerts, or in another order", kills, len(got), len(want))
	}
	_, err := os.Stat(path + ".torn")
	t.Logf("%d kills, torn lines: %v", kills, err == nil)
}
