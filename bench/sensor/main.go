// Command sensor measures what the kernel sensor costs and what it holds: goals P8 to P13 of docs/BENCHMARKS.md, `make bench-sensor`.
//
// It needs root. What is compared takes turns in one run: nothing, Parallax, and, where they are installed, a bpftrace one-liner and auditd with a
// rule on execve. auditd comes last, since what it costs stays until the machine starts anew.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

type options struct {
	binary     string
	rounds     int
	spawns     int
	rate       int
	flood      time.Duration
	containers int
	auditd     bool
	only       string
	dir        string // temporary
}

func main() {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], workerPrefix) {
		os.Exit(worker(os.Args[1:]))
	}
	var o options
	flag.StringVar(&o.binary, "binary", "bin/parallax", "built parallax")
	flag.IntVar(&o.rounds, "rounds", 15, "turns of each contender")
	flag.IntVar(&o.spawns, "spawns", 60, "programs started in a turn")
	flag.IntVar(&o.rate, "rate", 100_000, "events a second of the flood")
	flag.DurationVar(&o.flood, "flood", time.Minute, "how long the flood lasts")
	flag.IntVar(&o.containers, "containers", 100, "containers for the memory figure")
	flag.BoolVar(&o.auditd, "auditd", false, "measure auditd's execve rule as well: what it costs every system call stays until the next boot")
	flag.StringVar(&o.only, "only", "", "measure only these, comma separated: overhead, latency, flood, memory")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-sensor:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options) error {
	if os.Geteuid() != 0 {
		return errors.New("the sensor needs root: run it with sudo")
	}
	dir, err := os.MkdirTemp("", "parallax-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	o.dir = dir
	for _, m := range []struct {
		name string
		run  func(context.Context, *options) error
	}{{"latency", latency}, {"flood", flood}, {"memory", memory}, {"overhead", overhead}} {
		if o.only != "" && !strings.Contains(","+o.only+",", ","+m.name+",") {
			continue
		}
		if err := m.run(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}
