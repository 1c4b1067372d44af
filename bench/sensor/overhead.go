package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// overhead measures P8 to P10: what starting a program and a system call that does nothing cost, watched and not.
func overhead(ctx context.Context, o *options) error {
	tiny, err := writeTiny(o.dir)
	if err != nil {
		return err
	}
	modes := []*mode{
		{name: "none", start: none},
		{name: "parallax, filtered", start: command("ready", o.binary, "run", "--out", os.DevNull)},
		{name: "parallax, every event", start: command("ready", o.binary, "run", "--host", "--out", os.DevNull)},
	}
	if m := bpftrace(ctx); m != nil {
		modes = append(modes, m)
	}
	for r := range o.rounds {
		for i := range modes {
			if err := modes[(i+r)%len(modes)].round(ctx, tiny, o.spawns); err != nil {
				return err
			}
		}
	}
	if o.auditd {
		after, err := auditd(ctx, tiny, o)
		if err != nil {
			return err
		}
		modes = append(modes, after...)
	}
	printModes(modes)
	return kernelCosts(ctx, o, tiny)
}

// bpftrace is a one-liner that does part of the sensor's work; nil where it cannot run here (it wants debugfs, for one).
func bpftrace(ctx context.Context) *mode {
	m := &mode{name: "bpftrace, one line", start: command("Attaching", "bpftrace", "-e",
		`tracepoint:syscalls:sys_enter_execve { printf("%d ", pid); join(args->argv); }`)}
	stop, err := m.start(ctx)
	if err == nil {
		err = stop()
	}
	if err != nil {
		fmt.Printf("\nbpftrace is not measured: %v\n", err)
		return nil
	}
	return m
}

// round measures once.
func (m *mode) round(ctx context.Context, tiny string, n int) (err error) {
	stop, err := m.start(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	if _, err := spawnTimes(tiny, 5); err != nil { // warm up
		return err
	}
	times, err := spawnTimes(tiny, n)
	if err != nil {
		return err
	}
	m.spawn = append(m.spawn, slices.Min(times))
	m.median = append(m.median, middle(times))
	m.syscall = append(m.syscall, nullSyscallNs())
	return ctx.Err()
}

func middle(x []float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return s[len(s)/2]
}

func printModes(modes []*mode) {
	base := modes[0]
	fmt.Println("\nStarting a program (wall time of fork, exec, exit, wait) and a system call that does nothing; ratios to none")
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tstart, best us\tratio\tmedian of rounds' medians us\tratio\tnull syscall ns\tratio\t")
	for _, m := range modes {
		fmt.Fprintf(t, "%s\t%.1f\t%.3f\t%.1f\t%.3f\t%.1f\t%.2f\t\n", m.name,
			slices.Min(m.spawn)/1e3, slices.Min(m.spawn)/slices.Min(base.spawn),
			middle(m.median)/1e3, middle(m.median)/middle(base.median),
			slices.Min(m.syscall), slices.Min(m.syscall)/slices.Min(base.syscall))
	}
	_ = t.Flush() // stdout
}

// kernelCosts measures P9: what each program of the sensor takes in the kernel, by the kernel's own count, and what a program started costs the
// sensor in user space.
func kernelCosts(ctx context.Context, o *options, tiny string) error {
	stats, err := ebpf.EnableStats(uint32(unix.BPF_STATS_RUN_TIME))
	if err != nil {
		return fmt.Errorf("count the time of programs: %w", err)
	}
	defer stats.Close()
	for _, m := range []struct {
		name string
		args []string
	}{{"filtered", nil}, {"every event", []string{"--host"}}} {
		before, err := programIDs()
		if err != nil {
			return err
		}
		idle, err := start(ctx, "ready", append([]string{o.binary, "run", "--out", os.DevNull}, m.args...)...)
		if err != nil {
			return err
		}
		if err := idle.stop(); err != nil {
			return err
		}
		p, err := start(ctx, "ready", append([]string{o.binary, "run", "--out", os.DevNull}, m.args...)...)
		if err != nil {
			return err
		}
		const n = 2000
		_, err = spawnTimes(tiny, n)
		costs, costErr := programCosts(before)
		if err := errors.Join(err, costErr, p.stop()); err != nil {
			return err
		}
		printCosts(m.name, costs)
		fmt.Printf("user space: %.1f us a started program (three records each), start and stop of the sensor subtracted\n",
			float64((p.cpu()-idle.cpu())/time.Microsecond)/n)
	}
	return nil
}

// cost is what a program took.
type cost struct {
	name string
	runs uint64
	each time.Duration
}

// programCosts are those of the programs that are not in before.
func programCosts(before map[ebpf.ProgramID]bool) ([]cost, error) {
	ids, err := programIDs()
	if err != nil {
		return nil, err
	}
	var out []cost
	for id := range ids {
		if before[id] {
			continue
		}
		c, err := programCost(id)
		if errors.Is(err, os.ErrNotExist) {
			continue // it went in the meantime
		}
		if err != nil {
			return nil, err
		}
		if c.runs > 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b cost) int { return cmp.Compare(b.runs, a.runs) })
	return out, nil
}

func programCost(id ebpf.ProgramID) (cost, error) {
	p, err := ebpf.NewProgramFromID(id)
	if err != nil {
		return cost{}, err
	}
	defer p.Close()
	info, err := p.Info()
	if err != nil {
		return cost{}, err
	}
	s, err := p.Stats()
	if err != nil {
		return cost{}, err
	}
	c := cost{name: info.Name, runs: s.RunCount}
	if s.RunCount > 0 {
		c.each = s.Runtime / time.Duration(s.RunCount)
	}
	return c, nil
}

func programIDs() (map[ebpf.ProgramID]bool, error) {
	out := map[ebpf.ProgramID]bool{}
	for id := ebpf.ProgramID(0); ; {
		next, err := ebpf.ProgramGetNextID(id)
		if errors.Is(err, os.ErrNotExist) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list programs: %w", err)
		}
		out[next], id = true, next
	}
}

func printCosts(title string, costs []cost) {
	fmt.Printf("\nIn the kernel, %s (the kernel's own count)\n", title)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "program\truns\tns each\t")
	for _, c := range costs {
		fmt.Fprintf(t, "%s\t%d\t%d\t\n", c.name, c.runs, c.each.Nanoseconds())
	}
	_ = t.Flush() // stdout
}
