package bus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The status of a folder is told while a process has it, after it has stopped, and after it was killed; a long path is no matter.
func TestStatusOfFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	if _, err := ReadStatus(t.Context(), dir, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of nothing: %v", err)
	}
	cfg := testConfig(t, dir)
	b := openTest(t, cfg)
	publish(t, b, []byte("one"))
	publish(t, b, []byte("two"))
	if err := b.SaveCheckpoint(t.Context(), &Checkpoint{Seq: 1, Writer: "x"}); err != nil {
		t.Fatal(err)
	}
	want, err := b.Status(t.Context())
	if err != nil || want.Behind != 1 || want.Streams[0].Messages != 2 || want.Disk == nil {
		t.Fatalf("%+v, %v", want, err)
	}
	check := func(when string) {
		t.Helper()
		got, err := ReadStatus(t.Context(), dir, cfg.Log)
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Checkpoint{}), cmpopts.IgnoreFields(Status{}, "Disk")); diff != "" || err != nil {
			t.Errorf("%s: %v %s", when, err, diff)
		}
	}
	check("running")
	closeTest(t, b)
	check("stopped")
	if err := os.WriteFile(filepath.Join(dir, "status.sock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check("killed")
	closeTest(t, openTest(t, cfg)) // the socket that is left is no matter
	check("stopped again")
}

// Who changes the sizes of streams loses nothing that is in them.
func TestSmallerLimitsLoseNothing(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	b := openTest(t, cfg)
	for i := range 20 {
		publish(t, b, append(noise(100_000), byte(i)))
	}
	if err := b.PutAlerts(context.Background(), testAlerts(0, 500)); err != nil {
		t.Fatal(err)
	}
	before, err := b.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closeTest(t, b)
	cfg.Limits.Events, cfg.Limits.Alerts = 100_000, 10_000
	b = openTest(t, cfg)
	after, err := b.Status(t.Context())
	if err != nil || after.Streams[0].MaxBytes != 100_000 {
		t.Fatalf("%+v, %v", after, err)
	}
	for i := range 2 {
		if after.Streams[i].Messages != before.Streams[i].Messages {
			t.Errorf("%d messages in %s, then %d", before.Streams[i].Messages, before.Streams[i].Name, after.Streams[i].Messages)
		}
	}
}
