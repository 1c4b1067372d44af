package main

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
)

// maxWorkers bounds --workers: each holds batches and memory of its own.
const maxWorkers = 256

// config is what the flags say about the pipeline.
func (f *replayFlags) config(now time.Time) (pipeline.Config, error) {
	cfg := pipeline.DefaultConfig()
	cfg.Strict, cfg.Workers = f.strict, f.workers
	if f.workers < 0 || f.workers > maxWorkers {
		return cfg, usageError("--workers %d: want 1 to %d, or 0 for one a core", f.workers, maxWorkers)
	}
	if f.workers == 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	var err error
	cfg.Filter, err = f.filter(now)
	return cfg, err
}

// filter is what the flags say about which alerts to give out.
func (f *replayFlags) filter(now time.Time) (pipeline.Filter, error) {
	filter := pipeline.Filter{Rules: f.only}
	var err error
	for _, bound := range []struct {
		flag, value string
		at          *time.Time
	}{{"since", f.since, &filter.Since}, {"until", f.until, &filter.Until}} {
		if bound.value == "" {
			continue
		}
		if *bound.at, err = parseWhen(bound.value, now); err != nil {
			return filter, usageError("--%s %w", bound.flag, err)
		}
	}
	if f.until != "" && !filter.Until.After(filter.Since) {
		return filter, usageError("--until %s is not after --since %s", f.until, cmp.Or(f.since, "0001-01-01"))
	}
	filter.MinSeverity, err = severityFlag("min-severity", f.minSeverity)
	return filter, err
}

// severityFlag reads a severity; 0 where the flag was not given.
func severityFlag(flag, value string) (int, error) {
	if value == "" {
		return 0, nil
	}
	severity, ok := event.ParseSeverity(value)
	if !ok {
		return 0, usageError("--%s %q: want low, medium, high or critical, or a rule priority (Notice, Warning, Error, Critical)", flag, value)
	}
	return severity, nil
}

// checkOut refuses an --out that is part of what is to be read.
func checkOut(out string, inputs []string) error {
	for _, in := range inputs {
		if out != "" && in != "-" && (same(out, in) || inside(out, in)) {
			return usageError("--out %s is among the files to be read (%s); it would be emptied first", out, in)
		}
	}
	return nil
}

func same(a, b string) bool {
	ai, errA := os.Stat(a)
	bi, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(ai, bi)
}

// inside says whether file is, or would be, somewhere in dir.
func inside(file, dir string) bool {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return false
	}
	dir, errDir := realPath(dir)
	parent, errParent := realPath(filepath.Dir(file))
	if errDir != nil || errParent != nil {
		return false
	}
	rel, err := filepath.Rel(dir, parent)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}
