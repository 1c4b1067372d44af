package bpf

import (
	"os"
	"testing"
)

// needsRoot skips tests that load programs where that is not allowed.
func needsRoot(t testing.TB) {
	t.Helper()
	release, err := KernelRelease()
	if err != nil {
		t.Fatal(err)
	}
	if err := require(release); err != nil {
		if os.Geteuid() == 0 && os.Getenv("CI") != "" {
			t.Fatalf("must not skip here: %v", err)
		}
		t.Skip(err)
	}
	if err := unlimitMemory(release); err != nil {
		t.Fatal(err)
	}
}
