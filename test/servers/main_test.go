//go:build servers

package servers

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// keep is where the program under test is built.
var keep string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "parallax-servers-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	keep = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// needRoot skips a test that needs root where there is none; where it is said to be (CI), that is a fault.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("this is not root")
	}
	t.Skip("needs root, to mount file systems")
}

// within returns a context that ends after d, or with the test.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// until waits until a condition holds, and fails the test when that takes too long.
func until(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// recent are n events from number first on that have happened lately.
func recent(first, n int) []rig.Event {
	begin := time.Now().Add(-time.Hour).Truncate(time.Hour)
	return rig.Execs(first, n, begin, time.Millisecond)
}
