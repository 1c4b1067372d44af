package bus

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A process that is killed at any moment has stored all that it was told is stored; what it was told of is there once, also when it is
// published again, as a sender does that got no answer.
func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	stored := make(map[string]uint64)
	for round := range 4 {
		for name, seq := range runAndKill(t, dir, round, time.Duration(150+rand.IntN(250))*time.Millisecond) {
			stored[name] = seq
		}
	}
	b := openTest(t, testConfig(t, dir))
	t.Logf("%d bodies and alerts were stored", len(stored))
	alerts := make(map[string]bool)
	if err := b.RecentAlertIDs(t.Context(), 1e6, func(id string, _ int) {
		if alerts[id] {
			t.Errorf("alert %s is there twice", id)
		}
		alerts[id] = true
	}); err != nil {
		t.Fatal(err)
	}
	bodies := bodiesOf(t, b)
	again := 0
	for name, seq := range stored {
		if strings.Contains(name, "alert") {
			if !alerts[name] {
				t.Errorf("alert %s is lost", name)
			}
			continue
		}
		if bodies[name] != seq {
			t.Errorf("%s was stored at %d, and is at %d", name, seq, bodies[name])
		}
		if again++; again < 50 {
			f := strings.Split(name, "-")
			w, _ := strconv.Atoi(f[1])
			i, _ := strconv.Atoi(f[2])
			message := Message{Source: []string{"c", "a"}, Data: killBody(name, w, i), Dedupe: true}
			if got, err := b.Publish(t.Context(), message); err != nil || got != seq {
				t.Errorf("%s was stored at %d, then at %d, %v", name, seq, got, err)
			}
		}
	}
}

// runAndKill starts a process that publishes to dir, kills it a while after its first body, and returns what it was told is stored.
func runAndKill(t *testing.T, dir string, round int, after time.Duration) map[string]uint64 {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, "PARALLAX_TEST_BUS_ROUND="+strconv.Itoa(round))
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("it published nothing: %v, %v", err, cmd.Wait())
	}
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	told := make(map[string]uint64)
	for line := range strings.Lines(first + string(rest)) {
		var name string
		var seq uint64
		if n, _ := fmt.Sscan(line, &name, &seq); n == 2 && strings.HasSuffix(line, "\n") {
			told[name] = seq
		}
	}
	return told
}

// bodiesOf reads the whole stream and returns where each body is. None may be there twice.
func bodiesOf(t *testing.T, b *Bus) map[string]uint64 {
	t.Helper()
	last := publish(t, b, []byte("last of "+t.Name())) // what is before it may be a body that was not finished
	bodies := make(map[string]uint64)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for r := b.Reader(0); r.Position() <= last; {
		batch, err := r.Next(ctx)
		if err != nil {
			t.Fatalf("at %d of %d: %v", r.Position(), last, err)
		}
		for _, f := range batch.Faults {
			t.Errorf("at %d: %v", batch.Seq, f)
		}
		name, _, _ := bytes.Cut(batch.Data, []byte(" "))
		if at, twice := bodies[string(name)]; twice {
			t.Errorf("%s is there twice: %d, %d", name, at, batch.Seq)
		}
		bodies[string(name)] = batch.Seq
	}
	return bodies
}
