package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/parallax-sec/parallax/test/kernels/job"
	"github.com/parallax-sec/parallax/test/kernels/module"
)

// memoryMiB is a machine's memory; its file systems are in it too.
const memoryMiB = 1536

// boot runs the tests in a machine with this kernel, and counts them.
func (r *runner) boot(ctx context.Context, k kernel) (tally, error) {
	var t tally
	log, err := os.Create(r.logName(k))
	if err != nil {
		return t, err
	}
	defer log.Close()
	m, err := r.machine(ctx, k)
	if err != nil {
		return t, err
	}
	defer os.Remove(m.initramfs)
	m.line = func(line string) {
		fmt.Fprintln(log, line)
		t.line(line)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.limit, errors.New("its time is over"))
	defer cancel()
	status, err := m.run(ctx)
	if err == nil {
		err = t.verdict(status)
	}
	return t, err
}

// machine makes the machine: its kernel and first file system.
func (r *runner) machine(ctx context.Context, k kernel) (*machine, error) {
	dir, err := r.cache.kernel(ctx, k)
	if err != nil {
		return nil, err
	}
	tools, err := r.cache.tools(ctx, k.Release.Arch)
	if err != nil {
		return nil, err
	}
	vmlinuz, err := image(dir)
	if err != nil {
		return nil, err
	}
	modules, err := module.Load(dir, "overlay")
	if err != nil {
		return nil, err
	}
	c := contents{files: r.programs[k.Release.Arch], tools: tools, modules: modules, job: r.job()}
	m := &machine{arch: k.Release.Arch, kernel: vmlinuz, initramfs: filepath.Join(r.work, k.Name+".cpio"), memoryMiB: memoryMiB}
	return m, c.write(m.initramfs)
}

func (r *runner) job() job.Job {
	j := job.Job{Env: []string{"PATH=/usr/bin:/bin", "HOME=/", "TMPDIR=/tmp", "PARALLAX_LIVE_BINARY=" + parallaxPath, "PARALLAX_GUEST=1"}}
	for _, p := range r.packages {
		j.Commands = append(j.Commands, []string{testPath(p), "-test.v", "-test.run", r.tests, "-test.timeout", r.limit.String()})
	}
	return j
}
