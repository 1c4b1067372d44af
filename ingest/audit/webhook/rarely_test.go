package webhook

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		l := rarely{log: slog.New(slog.NewTextHandler(&out, nil)), kinds: make(map[string]*quiet)}
		want := func(lines int, more string) {
			t.Helper()
			if got := out.String(); strings.Count(got, "\n") != lines || !strings.Contains(got, more) {
				t.Errorf("logged %q, want %d lines and %s", got, lines, more)
			}
			out.Reset()
		}
		l.warn("a", "x", 1)
		l.warn("b")
		want(2, "msg=a x=1 more=0")
		for range 5 {
			l.warn("a")
		}
		_, _ = l.Write([]byte("http: TLS handshake error\n")) // it does not fail
		want(1, "handshake")
		time.Sleep(logEvery)
		l.warn("a")
		want(1, "more=5")
	})
}
