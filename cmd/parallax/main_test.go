package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What only a process of its own can show: signals, and pipes whose reader has gone.
func TestProcess(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "parallax")
	if out, err := exec.Command("go", "build", "-ldflags", "-X main.version=v1.2.3", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Run("version", func(t *testing.T) {
		out, err := exec.Command(bin, "version").Output()
		if err != nil || !strings.HasPrefix(string(out), "parallax v1.2.3 (go1.") {
			t.Errorf("%s, %v", out, err)
		}
	})
	t.Run("reader gone", func(t *testing.T) { readerGone(t, bin) })
	t.Run("interrupt", func(t *testing.T) { interrupt(t, bin) })
}

func readerGone(t *testing.T, bin string) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	var stderr bytes.Buffer
	cmd := exec.Command(bin, "replay", sample)
	cmd.Stdout, cmd.Stderr = w, &stderr
	if err := cmd.Run(); err != nil || strings.Contains(stderr.String(), "parallax:") {
		t.Errorf("%v\n%s", err, stderr.String())
	}
	w.Close()
}

func interrupt(t *testing.T, bin string) {
	cmd := exec.Command(bin, "replay", "--output", "text", "-")
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Two minutes of events: the first alerts come out while the input is still open.
	go stdin.Write([]byte(strings.Repeat(read(t, sample), 3)))
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Errorf("no alert before the interrupt: %q, %v", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed || exit.Sys().(syscall.WaitStatus).Signaled() {
		t.Errorf("%v", err)
	}
	if !strings.Contains(stderr.String(), "interrupted: ") {
		t.Errorf("standard error: %s", stderr.String())
	}
}
