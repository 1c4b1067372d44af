package bpf

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestRequireKernel(t *testing.T) {
	f := func(release string, ok bool) {
		t.Helper()
		err := requireKernel(release)
		if (err == nil) != ok || err != nil && !errors.Is(err, ErrUnsupported) {
			t.Errorf("%s: %v", release, err)
		}
	}
	f("4.19.0-27-amd64", false)
	f("5.7.19", false)
	f("5.8", true)
	f("5.10.0-46-cloud-amd64", true)
	f("5.15-rc1", true)
	f("6.1.0+", true)
	f("10.0.0", true)
	f("7", true)
	f("something else", true)
}

func TestRequireBTF(t *testing.T) {
	if err := requireBTF(filepath.Join(t.TempDir(), "vmlinux")); !errors.Is(err, ErrNoBTF) || !strings.Contains(err.Error(), "CONFIG_DEBUG_INFO_BTF") {
		t.Error(err)
	}
	if err := requireBTF(t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestRequirePermission(t *testing.T) {
	f := func(caps uint64, userNamespace, ok bool) {
		t.Helper()
		err := requirePermission(caps, userNamespace)
		if (err == nil) != ok || err != nil && !errors.Is(err, ErrNotPermitted) {
			t.Errorf("%x, %v: %v", caps, userNamespace, err)
		}
	}
	f(0, false, false)
	f(^uint64(0), false, true)
	f(^uint64(0), true, false)
	f(1<<unix.CAP_SYS_ADMIN, false, true)
	f(1<<unix.CAP_BPF, false, false)
	f(1<<unix.CAP_BPF|1<<unix.CAP_PERFMON, false, true)
}

// Each lack is one line that a person can act on, and a sentinel that a program can branch on.
func TestLacksAreOneSentence(t *testing.T) {
	for _, err := range []error{
		requireKernel("4.4.0"), requireBTF("/nowhere"), requirePermission(0, false), requirePermission(0, true),
		explain(unix.EPERM), explain(unix.EINVAL),
	} {
		if text := err.Error(); strings.ContainsAny(text, "\n") || len(text) > 250 {
			t.Errorf("%s", text)
		}
	}
}
