package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// memory measures P13: what the sensor keeps resident with so many containers running, each of which starts a program each second.
func memory(ctx context.Context, o *options) (err error) {
	for _, tool := range []string{"runc", "busybox"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Printf("\nmemory is not measured: %s is not installed\n", tool)
			return nil
		}
	}
	cs := &containers{dir: o.dir}
	defer func() { err = errors.Join(err, cs.remove()) }()
	p, err := start(ctx, "ready", o.binary, "run", "--out", os.DevNull)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	empty, err := resident(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	for range o.containers {
		if err := cs.run(ctx); err != nil {
			return err
		}
	}
	time.Sleep(20 * time.Second) // of ordinary work
	full, err := resident(p.cmd.Process.Pid)
	if err != nil {
		return err
	}
	fmt.Printf("\nResident memory: %s without containers; %s with %d, each starting a program a second\n", empty, full, o.containers)
	return nil
}

// residency is what a process keeps in memory, in KiB.
type residency struct{ all, anonymous string }

func (r residency) String() string {
	return fmt.Sprintf("%s (of it %s anonymous)", r.all, r.anonymous)
}

func resident(pid int) (r residency, err error) {
	file, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return r, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch name {
		case "VmRSS":
			r.all = strings.TrimSpace(value)
		case "RssAnon":
			r.anonymous = strings.TrimSpace(value)
		}
	}
	return r, lines.Err()
}

// containers are runc containers of busybox.
type containers struct {
	dir string
	ids []string
}

func (cs *containers) state() string { return filepath.Join(cs.dir, "runc") }

// run starts one more.
func (cs *containers) run(ctx context.Context) error {
	id := fmt.Sprintf("%064x", len(cs.ids)+1)
	bundle := filepath.Join(cs.dir, "bundles", id)
	root := filepath.Join(bundle, "rootfs")
	for _, d := range []string{"bin", "proc", "dev", "sys", "tmp"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			return err
		}
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		return err
	}
	program, err := os.ReadFile(busybox)
	if err != nil {
		return err
	}
	for _, name := range []string{"sh", "sleep"} {
		if err := os.WriteFile(filepath.Join(root, "bin", name), program, 0o755); err != nil {
			return err
		}
	}
	config, err := json.Marshal(ociConfig(fmt.Sprintf("/kubepods/besteffort/pod%08x-0000-4000-8000-000000000000/%s", len(cs.ids)+1, id)))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(bundle, "config.json"), config, 0o600); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(bundle, "log")) // a file: with a pipe the call would wait for the container's end
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, "runc", "--root", cs.state(), "run", "-d", "--bundle", bundle, id)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("start a container: %w: %s", err, said)
	}
	cs.ids = append(cs.ids, id)
	return nil
}

// remove ends all of them.
func (cs *containers) remove() error {
	var all error
	for _, id := range cs.ids {
		if out, err := exec.Command("runc", "--root", cs.state(), "delete", "-f", id).CombinedOutput(); err != nil {
			all = errors.Join(all, fmt.Errorf("delete a container: %w: %s", err, out))
		}
	}
	return all
}

// ociConfig is the least that runc wants, after the OCI runtime specification 1.0.2.
func ociConfig(cgroup string) map[string]any {
	type object = map[string]any
	var namespaces []object
	for _, ns := range []string{"pid", "mount", "ipc", "uts", "network"} {
		namespaces = append(namespaces, object{"type": ns})
	}
	return object{
		"ociVersion": "1.0.2",
		"process": object{
			"user": object{"uid": 0, "gid": 0}, "cwd": "/", "env": []string{"PATH=/bin"},
			"args": []string{"sh", "-c", "while true; do sleep 1; done"},
		},
		"root":   object{"path": "rootfs"},
		"mounts": []object{{"destination": "/proc", "type": "proc", "source": "proc"}},
		"linux":  object{"cgroupsPath": cgroup, "namespaces": namespaces},
	}
}
