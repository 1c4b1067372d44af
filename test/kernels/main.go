package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parallax-sec/parallax/test/kernels/debian"
)

// options are the command line.
type options struct {
	cache, logs string
	only        []string
	packages    []string // with tests to run, from the module's root
	fetch       bool
	atOnce      int
	limit       time.Duration
	tests       string // regular expression of go test -run
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:])
	if err == nil {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
		os.Exit(1)
	}
}

func parse(args []string) (*options, error) {
	o := &options{}
	only, packages := "", ""
	f := flag.NewFlagSet("kernels", flag.ExitOnError)
	f.StringVar(&o.cache, "cache", "", "keep kernels in this `folder` (default the user's cache folder)")
	f.StringVar(&o.logs, "logs", "", "write the machines' consoles into this `folder` (default: cache/logs)")
	f.StringVar(&only, "only", "", "run these kernels only, names joined by commas")
	f.StringVar(&packages, "packages", "bpf,test/live", "run the tests of these packages, paths joined by commas")
	f.BoolVar(&o.fetch, "fetch", false, "fetch what is missing, and stop")
	f.IntVar(&o.atOnce, "at-once", 2, "run so many machines at once")
	f.DurationVar(&o.limit, "limit", 15*time.Minute, "stop a machine after this time")
	f.StringVar(&o.tests, "run", ".", "run the tests whose names match")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unknown argument %q", f.Arg(0))
	}
	o.packages = strings.Split(packages, ",")
	if only != "" {
		o.only = strings.Split(only, ",")
	}
	if o.cache == "" {
		var err error
		if o.cache, err = defaultCache(); err != nil {
			return nil, err
		}
	}
	if o.logs == "" {
		o.logs = filepath.Join(o.cache, "logs")
	}
	return o, nil
}

func run(ctx context.Context, o *options) error {
	kernels, err := choose(matrix(), o.only)
	if err != nil {
		return err
	}
	mirror, err := debian.Mirror(debian.Sources()...)
	if err != nil {
		return err
	}
	c := &cache{dir: o.cache, mirror: mirror}
	if err := fetch(ctx, c, kernels); err != nil || o.fetch {
		return err
	}
	work, err := os.MkdirTemp("", "parallax-kernels")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := &runner{options: o, cache: c, work: work, programs: map[string]map[string]string{}}
	return r.run(ctx, kernels)
}

// fetch fetches what the kernels need and the cache does not have.
func fetch(ctx context.Context, c *cache, kernels []kernel) error {
	for _, arch := range architectures(kernels) {
		if _, err := c.tools(ctx, arch); err != nil {
			return err
		}
	}
	for _, k := range kernels {
		if _, err := c.kernel(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// runner runs machines.
type runner struct {
	*options
	cache    *cache
	work     string                       // folder for what is made
	programs map[string]map[string]string // by architecture
}

// run runs the tests on every kernel, and returns an error that names those that failed.
func (r *runner) run(ctx context.Context, kernels []kernel) error {
	if err := os.MkdirAll(r.logs, 0o755); err != nil {
		return err
	}
	for _, arch := range architectures(kernels) {
		var err error
		if r.programs[arch], err = build(ctx, r.work, arch, r.packages); err != nil {
			return err
		}
	}
	var g errgroup.Group
	g.SetLimit(r.atOnce)
	failed := make([]error, len(kernels))
	for i, k := range kernels {
		g.Go(func() error {
			failed[i] = r.test(ctx, k)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return errors.Join(failed...)
}

// test runs the tests on one kernel and says how it went.
func (r *runner) test(ctx context.Context, k kernel) error {
	began := time.Now()
	t, err := r.boot(ctx, k)
	fmt.Printf("%-14s %2d passed, %d failed, %d skipped, %3.0f s\n", k.Name, t.Passed, t.Failed, t.Skipped, time.Since(began).Seconds())
	if err != nil {
		return fmt.Errorf("%s: %w (console: %s)", k.Name, err, r.logName(k))
	}
	return nil
}

func (r *runner) logName(k kernel) string { return filepath.Join(r.logs, k.Name+".log") }
