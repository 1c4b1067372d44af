package bpf

import (
	"errors"
	"os"
	"testing"
)

func TestTraceFSLeavesNoMount(t *testing.T) {
	needsRoot(t)
	mounts := func() string {
		b, err := os.ReadFile("/proc/self/mountinfo")
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	before := mounts()
	root, err := mountDetached("tracefs")
	if err != nil {
		t.Fatal(err)
	}
	fs := &traceFS{root}
	if id, err := fs.id("syscalls", "sys_enter_mount"); err != nil || id == 0 {
		t.Errorf("id %d, %v", id, err)
	}
	if _, err := fs.id("syscalls", "sys_enter_no_such_call"); !errors.Is(err, errNoTracepoint) {
		t.Errorf("no such call: %v", err)
	}
	if err := fs.close(); err != nil {
		t.Error(err)
	}
	if before != mounts() {
		t.Error("a mount came or went")
	}
}
