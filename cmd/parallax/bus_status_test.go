package main

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
)

func TestBusStatus(t *testing.T) {
	dir := t.TempDir()
	cfg := bus.DefaultConfig()
	cfg.Dir = dir
	b, err := bus.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{"a", "b"} {
		if _, err := b.Publish(t.Context(), bus.Message{Kind: event.BatchAudit, Source: []string{"default", "default"}, Data: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
	status := func(when string) {
		t.Helper()
		cli(t, "bus", "status", "--data", dir).want(t, exitDone)
		r := cli(t, "bus", "status", "--data", dir, "--output", "json").want(t, exitDone)
		var s bus.Status
		if err := json.Unmarshal([]byte(r.out), &s); err != nil || s.Behind != 2 || s.Streams[0].Messages != 2 {
			t.Errorf("%s: %s, %v", when, r.out, err)
		}
	}
	status("running")
	if err := b.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	status("stopped")
	cli(t, "bus", "status", "--data", filepath.Join(dir, "nothing")).want(t, exitFailed, "no streams")
	cli(t, "bus", "status").want(t, exitUsage, "either --data or --url")
	cli(t, "bus", "status", "--data", "x", "--output", "xml").want(t, exitUsage, "text or json")
	cli(t, "bus", "status", "--url", "nats://127.0.0.1:1", "--timeout", "200ms").want(t, exitFailed, "not available")
}
