package bpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/link"
)

// attacher attaches programs to hooks by the best mechanism that works here, and keeps account of it. What cannot be done at all is
// found out once: trampolines by trial, tracefs when it is first needed.
type attacher struct {
	programs *programs
	release  string // of the kernel
	noFexit  error  // why there are no trampolines; nil: there are
	fs       *traceFS
	noFS     error // why tracefs cannot be read
	links    []io.Closer
	hooks    []Hook
}

// errNoTrampolines is why there are none where Config says so.
var errNoTrampolines = errors.New("trampolines are not to be used")

func newAttacher(p *programs, release string) *attacher {
	return &attacher{programs: p, release: release}
}

// all attaches everything that cfg wants. It fails where a hook does without which there is no sensor.
func (a *attacher) all(cfg Config) error {
	if cfg.NoTrampolines {
		a.noFexit = errNoTrampolines
	} else if err := tryTrampolines(a.programs); err != nil {
		a.noFexit = fmt.Errorf("this kernel does not let programs trace functions: %w", err)
	}
	for _, t := range tracepoints() {
		err := a.tracepoint(t)
		a.report(Hook{Name: t.program, Mechanism: MechanismTracepointBTF, Lost: t.lost}, err)
		if err != nil && t.required {
			return explain(fmt.Errorf("attach %s: %w", t.program, err))
		}
	}
	for _, c := range calls() {
		a.call(c)
	}
	if cfg.FailedExecs {
		for _, name := range execCalls() {
			h := execHook(name)
			h.Mechanism = MechanismTracepoint
			a.report(h, a.fallback(name, "execfail_enter", "execfail_tracepoint"))
		}
	}
	return nil
}

// report notes what became of h, whose mechanism is what was tried.
func (a *attacher) report(h Hook, err error) {
	if err != nil {
		h.Mechanism, h.Err = "", err
	}
	a.hooks = append(a.hooks, h)
}

// tracepoint attaches a program, and where programs may be preempted the one that looks again, which must come behind it.
func (a *attacher) tracepoint(t tracepoint) error {
	programs := []string{t.program}
	if t.again != "" && preemptsPrograms(a.release) {
		programs = append(programs, t.again)
	}
	for _, name := range programs {
		prog, err := a.programs.load(name, "")
		if err != nil {
			return err
		}
		l, err := link.AttachTracing(link.TracingOptions{Program: prog})
		if err != nil {
			return bare(err)
		}
		a.links = append(a.links, l)
	}
	return nil
}

// call attaches to a system call: by trampolines, else by tracepoints. Err of the hook tells why it is not the better of both.
func (a *attacher) call(c call) {
	h := Hook{Name: c.name, Lost: c.lost}
	err := a.trampoline(c)
	if c.inner != nil && errors.Is(err, btf.ErrMultipleMatches) {
		err = a.innerTrampoline(*c.inner)
	}
	if err == nil {
		h.Mechanism = MechanismTrampoline
		a.hooks = append(a.hooks, h)
		return
	}
	second := a.fallback(c.function(), "enter_tracepoint", c.family+"_tracepoint")
	switch {
	case second == nil:
		h.Mechanism, h.Err = MechanismTracepoint, err
	case !atLeast(a.release, c.since):
		h.Err = fmt.Errorf("this kernel does not have the system call (Linux %s brought it)", c.since)
	default:
		h.Err = fmt.Errorf("%w; tracepoint: %w", err, second)
	}
	a.hooks = append(a.hooks, h)
}

// trampoline attaches to entry and return of the call's function.
func (a *attacher) trampoline(c call) error {
	if a.noFexit != nil {
		return a.noFexit
	}
	function := syscallPrefix() + c.function()
	names := []string{c.family + "_fexit"}
	if c.family == familyCred || c.family == familyNS { // what was before the call must be remembered
		names = append(names, "enter_trampoline")
	}
	var links []io.Closer
	for _, name := range names {
		l, err := a.attachFunction(name, function)
		if err != nil {
			return errors.Join(err, closeAll(links))
		}
		links = append(links, l)
	}
	a.links = append(a.links, links...)
	return nil
}

// innerTrampoline attaches to a function that the call's own makes use of.
func (a *attacher) innerTrampoline(i inner) error {
	l, err := a.attachFunction(i.program, i.function)
	if err != nil {
		return err
	}
	a.links = append(a.links, l)
	return nil
}

func (a *attacher) attachFunction(program, function string) (io.Closer, error) {
	prog, err := a.programs.load(program, function)
	if err != nil {
		return nil, err
	}
	l, err := link.AttachTracing(link.TracingOptions{Program: prog})
	if err != nil {
		return nil, fmt.Errorf("attach %s to %s: %w", program, function, bare(err))
	}
	return l, nil
}

// fallback attaches to the tracepoints at entry and return of the system call that the kernel knows by this name. The return comes first:
// a call whose beginning alone is seen would be remembered for ever.
func (a *attacher) fallback(function, enter, exit string) error {
	var links []io.Closer
	for _, at := range [][2]string{{exit, "sys_exit_" + function}, {enter, "sys_enter_" + function}} {
		l, err := a.attachTracepoint(at[0], at[1])
		if err != nil {
			return errors.Join(err, closeAll(links))
		}
		links = append(links, l)
	}
	a.links = append(a.links, links...)
	return nil
}

func (a *attacher) attachTracepoint(program, name string) (*os.File, error) {
	fs, err := a.traceFS()
	if err != nil {
		return nil, err
	}
	id, err := fs.id("syscalls", name)
	if err != nil {
		return nil, err
	}
	prog, err := a.programs.load(program, "")
	if err != nil {
		return nil, err
	}
	f, err := attachTracepoint(id, prog)
	if err != nil {
		return nil, fmt.Errorf("attach %s to %s: %w", program, name, err)
	}
	return f, nil
}

// traceFS opens tracefs when it is needed first.
func (a *attacher) traceFS() (*traceFS, error) {
	if a.fs == nil && a.noFS == nil {
		a.fs, a.noFS = openTraceFS()
	}
	return a.fs, a.noFS
}

// finish lets go of what attaching alone needed.
func (a *attacher) finish() error {
	if a.fs == nil {
		return nil
	}
	err := a.fs.close()
	a.fs = nil
	return err
}

// close detaches everything.
func (a *attacher) close() error { return errors.Join(a.finish(), closeAll(a.links)) }

// closeAll closes all at the same time: each waits until no CPU can be inside of its program any more, and they can wait together.
func closeAll(cs []io.Closer) error {
	errs := make([]error, len(cs))
	var all sync.WaitGroup
	for i, c := range cs {
		all.Go(func() { errs[i] = c.Close() })
	}
	all.Wait()
	return errors.Join(errs...)
}
