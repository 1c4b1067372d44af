package intake

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/falco"
	"github.com/parallax-sec/parallax/ingest/tail"
)

// What Falco's file_output writes is followed by package tail, over rotations and restarts, and read by the decoder chunk by chunk.
func TestFileOutput(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "events.jsonl")
	cfg := tail.DefaultConfig()
	cfg.StateFile, cfg.MaxLineBytes = filepath.Join(dir, "state"), 1<<20
	seen := make(chan string, 100)
	start := func() (stop func()) {
		followed, err := tail.New(cfg, []string{name})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- followed.Run(ctx, func(_ context.Context, c tail.Chunk) error {
				b := event.Batch{Kind: event.BatchFalco, Origin: "falco/file", Line: c.Line, Data: c.Data}
				falco.NewDecoder().Decode(&b, func(e event.Event) { seen <- e.Details(event.ScopeEvent, 0).Falco.Rule }, func(f event.Fault) { seen <- f.Reason })
				return nil
			})
		}()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	// Falco opens the file for each alert (keep_alive: false).
	write := func(line string) {
		t.Helper()
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = f.WriteString(line + "\n")
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	alert := func(rule string) string {
		return `{"priority":"Notice","rule":"` + rule + `","time":"2026-11-20T10:00:00Z","output_fields":{"rule":"` + rule + `"}}`
	}
	want := func(rules ...string) {
		t.Helper()
		for _, rule := range rules {
			if got := <-seen; got != rule {
				t.Fatalf("%s, want %s", got, rule)
			}
		}
	}
	write(alert("a"))
	stop := start()
	want("a")
	write(alert("b"))
	write("10:00:00.1: Notice text")
	want("b", errNoJSONText)
	if err := os.Rename(name, name+".1"); err != nil {
		t.Fatal(err)
	}
	write(alert("c"))
	want("c")
	stop()
	write(alert("d"))
	stop = start()
	want("d")
	stop()
	if len(seen) != 0 {
		t.Errorf("%s came again", <-seen)
	}
}

const errNoJSONText = "no JSON object: Falco writes one with json_output: true"
