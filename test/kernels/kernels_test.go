package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/test/kernels/job"
)

func TestChoose(t *testing.T) {
	f := func(want string, names ...string) {
		t.Helper()
		got, err := choose(matrix(), names)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, k := range got {
			all = append(all, k.Name)
		}
		if diff := cmp.Diff(want, strings.Join(all, " ")); diff != "" {
			t.Error(diff)
		}
	}
	f("5.10-amd64 6.1-amd64 6.12-amd64 newest-amd64 6.12-arm64")
	f("6.12-arm64 6.1-amd64", "6.12-arm64", "6.1-amd64")
	if _, err := choose(matrix(), []string{"2.6-amd64"}); err == nil {
		t.Error("a kernel that there is not was chosen")
	}
}

func TestTallyOfARun(t *testing.T) {
	f := func(console string, status int, want string) {
		t.Helper()
		var c tally
		for line := range strings.Lines(console) {
			c.line(strings.TrimSpace(line))
		}
		got := ""
		if err := c.verdict(status); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", console, got, want)
		}
	}
	f("=== RUN TestA\n--- PASS: TestA (0.1s)\nPASS\n", 0, "")
	f("--- PASS: TestA (0.1s)\n    --- FAIL: TestB/x (1s)\n", 1, "status 1: TestB/x (1s)")
	f("--- PASS: TestA (0.1s)\n--- FAIL: TestB (1s)\n", 0, "status 0: TestB (1s)")
	f("--- PASS: TestA (0.1s)\n--- SKIP: TestB (0s)\n", 0, "skipped: TestB (0s)")
	f("testing: warning: no tests to run\n", 0, "no test ran")
	f("--- PASS: TestA (0.1s)\npanic: x\n", 2, "status 2: ")
}

func TestMachineReadsItsConsole(t *testing.T) {
	f := func(console string, wantStatus int, wantEnded bool, end string) {
		t.Helper()
		var lines []string
		m := machine{line: func(l string) { lines = append(lines, l) }}
		status, ended := m.watch(strings.NewReader(console))
		if status != wantStatus || ended != wantEnded {
			t.Errorf("%q: got %d, %t, want %d, %t", console, status, ended, wantStatus, wantEnded)
		}
		if diff := cmp.Diff(strings.ReplaceAll(console, "\r\n", "\n"), strings.Join(lines, "\n")+end); diff != "" {
			t.Error(diff)
		}
	}
	f("boot\r\n"+job.StatusLine(4)+"\r\nreboot: Power down\r\n", 4, true, "\n")
	f("boot\r\nKernel panic", 0, false, "")
	f("", 0, false, "")
}

func TestMachineOfEachArchitecture(t *testing.T) {
	f := func(arch, program, console string) {
		t.Helper()
		args := (&machine{arch: arch, kernel: "K", initramfs: "I", memoryMiB: 512}).command()
		line := strings.Join(args, " ")
		if args[0] != program || !strings.Contains(line, "console="+console+" ") || !strings.Contains(line, "-smp 1 ") || !strings.Contains(line, "-kernel K -initrd I ") {
			t.Errorf("%s: %s", arch, line)
		}
	}
	f("amd64", "qemu-system-x86_64", "ttyS0")
	f("arm64", "qemu-system-aarch64", "ttyAMA0")
}

func TestCacheFillsAFolderOnceAndWhole(t *testing.T) {
	c := cache{dir: filepath.Join(t.TempDir(), "cache")}
	fills := 0
	fill := func(err error) func(string) error {
		return func(dir string) error {
			fills++
			return errors.Join(err, os.WriteFile(filepath.Join(dir, "vmlinuz"), nil, 0o644))
		}
	}
	if _, err := c.folder("a", fill(errors.New("cut"))); err == nil {
		t.Error("a cut download was taken")
	}
	for range 2 {
		dir, err := c.folder("a", fill(nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "vmlinuz")); err != nil {
			t.Error(err)
		}
	}
	if fills != 2 {
		t.Errorf("filled %d times, want once in vain and once", fills)
	}
	if left, _ := filepath.Glob(filepath.Join(c.dir, "*.part-*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestImageOfAKernel(t *testing.T) {
	f := func(name string) {
		t.Helper()
		dir := t.TempDir()
		want := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(want), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(want, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := image(dir); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
	f("boot/vmlinuz-5.10.0-46-cloud-amd64")
	f("usr/lib/modules/7.2.12+deb13-cloud-amd64/vmlinuz")
	if _, err := image(t.TempDir()); err == nil {
		t.Error("a kernel was found in an empty folder")
	}
}
