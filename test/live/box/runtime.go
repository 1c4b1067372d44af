//go:build linux

package box

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Runtime starts containers.
type Runtime struct {
	Name    string // runc or crun
	Cgroups *Hierarchies
	command []string // the runtime, perhaps through a program that prepares what it sees
	state   string
	dir     string    // of bundles
	holder  *exec.Cmd // keeps a mount namespace; nil where there is none
}

// Find returns the runtime that fits this machine. dir is a folder of its own, absolute.
func Find(dir string) (*Runtime, error) {
	h, err := FindHierarchies()
	if err != nil {
		return nil, err
	}
	if h.V2 == "" {
		return nil, errors.New("find a container runtime: there is no cgroup v2 hierarchy")
	}
	name := "runc"
	if h.Pure() {
		name = "crun"
	}
	return newRuntime(name, dir, h)
}

// FindPrivate returns crun, run so that it sees a cgroup v2 tree alone, as on newer machines, whatever this machine has: in a
// mount namespace of its own, which lasts until Close. act is the program that makes it.
func FindPrivate(dir, act string) (*Runtime, error) {
	h, err := FindHierarchies()
	if err != nil {
		return nil, err
	}
	r, err := newRuntime("crun", dir, h)
	if err != nil || h.Pure() {
		return r, err
	}
	return r, r.goPrivate(act)
}

// goPrivate starts a process that keeps the mount namespace, and makes the runtime's command one that enters it.
func (r *Runtime) goPrivate(act string) error {
	const private = "0x44000" // MS_REC | MS_PRIVATE
	r.holder = exec.Command(act, strings.Fields("unshare mnt -- mount none / none "+private+" -- mount none /sys/fs/cgroup cgroup2 0 -- say ready -- wait")...)
	out, err := r.holder.StdoutPipe()
	if err != nil {
		return err
	}
	if err := r.holder.Start(); err != nil {
		return fmt.Errorf("make a mount namespace: %w", err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		return errors.Join(fmt.Errorf("make a mount namespace: %w: %s", err, line), r.Close())
	}
	r.command = append([]string{act, "setns", strconv.Itoa(r.holder.Process.Pid), "mnt", "--", "exec"}, r.command...)
	return nil
}

// Close ends what Find and FindPrivate started. Containers stay.
func (r *Runtime) Close() error {
	if r.holder == nil {
		return nil
	}
	err := r.holder.Process.Kill()
	r.holder.Wait() // its error is that it was killed
	r.holder = nil
	return err
}

func newRuntime(name, dir string, h *Hierarchies) (*Runtime, error) {
	program, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("find a container runtime: %w", err)
	}
	r := &Runtime{Name: name, Cgroups: h, state: filepath.Join(dir, "state"), dir: filepath.Join(dir, "bundles")}
	r.command = []string{program, "--root", r.state}
	return r, errors.Join(os.MkdirAll(r.state, 0o755), os.MkdirAll(r.dir, 0o755))
}

// Start starts a container, and returns when its first program is about to run.
func (r *Runtime) Start(ctx context.Context, cfg Config) (*Container, error) {
	c, err := r.bundle(cfg)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Delete())
	}
	return c, nil
}

// Run runs a container until its first program has ended, and removes it.
func (r *Runtime) Run(ctx context.Context, cfg Config) error {
	c, err := r.bundle(cfg)
	if err != nil {
		return err
	}
	out, err := r.cmd(ctx, "run", "--bundle", c.bundle, c.ID).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("run container: %w: %s", err, out)
	}
	r.Cgroups.Remove(cfg.CgroupsPath)
	return errors.Join(err, os.RemoveAll(c.bundle))
}

// bundle writes a container's bundle.
func (r *Runtime) bundle(cfg Config) (*Container, error) {
	c := &Container{Config: cfg, runtime: r, bundle: filepath.Join(r.dir, cfg.ID)}
	text, err := cfg.JSON()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.bundle, 0o755); err != nil {
		return nil, err
	}
	return c, os.WriteFile(filepath.Join(c.bundle, "config.json"), text, 0o644)
}

// Container is a container.
type Container struct {
	Config
	PID     int // of its first process, on this machine
	runtime *Runtime
	bundle  string
}

// start runs the runtime with files as its output: the container keeps them, and whoever reads a pipe would wait for its end.
func (c *Container) start(ctx context.Context) error {
	out, err := os.Create(c.OutputFile())
	if err != nil {
		return err
	}
	defer out.Close()
	pidFile := filepath.Join(c.bundle, "pid")
	cmd := c.runtime.cmd(ctx, "run", "--detach", "--bundle", c.bundle, "--pid-file", pidFile, c.ID)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(c.OutputFile())
		return fmt.Errorf("start container: %w: %s", err, text)
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return err
	}
	if c.PID, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		return err
	}
	return c.begun(ctx)
}

// begun waits until the first process runs the container's program: runtimes end a moment before, and until then there is nothing that
// could tell whose its namespaces are.
func (c *Container) begun(ctx context.Context) error {
	for {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", c.PID))
		if err != nil || strings.HasPrefix(string(text), c.args()[0]+"\x00") {
			return err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("first process runs %q: %w", text, ctx.Err())
		}
	}
}

// Hierarchies are the cgroup hierarchies that the container has its cgroup in.
func (c *Container) Hierarchies() *Hierarchies { return c.runtime.Cgroups }

// OutputFile is the file that the container's first process writes to.
func (c *Container) OutputFile() string { return filepath.Join(c.bundle, "output") }

// As says as whom a program runs in a container; zero is root.
type As struct{ UID uint32 }

// Exec runs a program in the container and waits for its end. The status is the program's own; an error says that it did not run.
func (c *Container) Exec(ctx context.Context, as As, args ...string) (output string, status int, err error) {
	command := []string{"exec", "--user", fmt.Sprintf("%d:%[1]d", as.UID), c.ID}
	out, err := c.runtime.cmd(ctx, append(command, args...)...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() >= 0 {
		return string(out), exit.ExitCode(), nil
	}
	return string(out), 0, err
}

// Delete ends the container and removes what is left of it. It may be called twice.
func (c *Container) Delete() error {
	out, err := c.runtime.cmd(context.Background(), "delete", "--force", c.ID).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("delete container: %w: %s", err, out)
	}
	c.runtime.Cgroups.Remove(c.CgroupsPath)
	return errors.Join(err, os.RemoveAll(c.bundle))
}

func (r *Runtime) cmd(ctx context.Context, args ...string) *exec.Cmd {
	all := append(r.command[:len(r.command):len(r.command)], args...)
	return exec.CommandContext(ctx, all[0], all[1:]...)
}
