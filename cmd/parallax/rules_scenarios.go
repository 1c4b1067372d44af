package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/falco"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/rules"
)

func (a *app) rulesTestCommand() *cobra.Command {
	f := &ruleFlags{}
	update := false
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Run scenario tests: events, and the alerts they must raise",
		Long: `Test runs scenarios: txtar files, or directories with all *.txtar below them. A scenario holds rules (optional, loaded after
the others), events, and the alerts that must come out:

    A shell in the shop.
    -- rules.yaml --
    - rule: ...
    -- events.jsonl --
    {"kind":"Event","apiVersion":"audit.k8s.io/v1", ...}
    -- alerts --
    ACME-1 alice medium orchestrator.namespace=shop

A section kernel.jsonl tells what happened in the kernel (docs/KERNEL_EVENTS.md), a section falco.jsonl holds alerts of Falco.

Each is replayed as it is written, with every event twice, and in other orders: the alerts may not change. A failure shows
what is missing and what is too much, and by which fields of which event the rule held or did not.`,
		Example: `  parallax rules test my-rules.txtar
  parallax rules test --rules my-rules.yaml tests/`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.rulesTest(f, args, update) },
	}
	f.addTo(cmd)
	f.addFalcoTo(cmd)
	cmd.Flags().BoolVar(&update, "update", false, "write the alerts that came out into the files that fail")
	return cmd
}

func (a *app) rulesTest(f *ruleFlags, paths []string, update bool) error {
	names, err := scenarioFiles(paths)
	if err != nil {
		return err
	}
	base, err := f.files()
	if err != nil {
		return err
	}
	failed := 0
	for _, name := range names {
		report, err := a.runScenario(name, base, f)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case !report.Failed():
			fmt.Fprintf(a.out, "ok    %s\n", name)
		case report.CanUpdate() && update:
			if err := os.WriteFile(name, report.Updated(), 0o644); err != nil {
				return err
			}
			fmt.Fprintf(a.out, "wrote %s\n", name)
		default:
			failed++
			fmt.Fprintf(a.out, "FAIL  %s: %s\n%s", name, report.Variant, indented(report.Diff))
		}
	}
	fmt.Fprintf(a.err, "%s, %d failed\n", counted(uint64(len(names)), "scenario", "scenarios"), failed)
	if failed > 0 {
		return said(exitFailed)
	}
	return nil
}

func indented(text string) string {
	return "      " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n      ") + "\n"
}

func (a *app) runScenario(name string, base []rules.File, f *ruleFlags) (*scenario.Report, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		return nil, &statusError{code: exitUsage, err: err}
	}
	return scenario.Run(s, func(files []scenario.File) (*scenario.Loaded, error) { return a.loadScenario(f, base, files) })
}

// loadScenario loads a scenario's rules after the others.
func (a *app) loadScenario(f *ruleFlags, base []rules.File, own []scenario.File) (*scenario.Loaded, error) {
	files := slices.Clone(base)
	for _, file := range own {
		files = append(files, rules.File{Name: file.Name, Data: file.Data})
	}
	set, err := a.loadFiles(f, files)
	if err != nil {
		return nil, err
	}
	loaded := &scenario.Loaded{
		Worker:   func() (pipeline.Decoder, pipeline.Judge) { return audit.NewDecoder(), set.judge() },
		Kernel:   func() (pipeline.Decoder, pipeline.Judge) { return kernel.NewDecoder(), set.judge() },
		Stream:   kerneltest.Read,
		Falco:    func() (pipeline.Decoder, pipeline.Judge) { return falco.NewDecoder(), set.judge() },
		Detector: func() pipeline.Detector { return detector.New(detector.DefaultConfig()) },
	}
	for _, r := range set.Rules() {
		if r.Enabled && r.Blind == "" && r.Alert {
			loaded.Rules = append(loaded.Rules, scenario.Rule{ID: r.ID, Name: r.Name, Source: r.Source, Scope: r.Scope, Cond: r.Node})
		}
	}
	return loaded, nil
}

// scenarioFiles returns the files behind paths: those that are named, and the *.txtar below directories.
func scenarioFiles(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, path)
			continue
		}
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(p, ".txtar") {
				out = append(out, p)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no *.txtar in " + strings.Join(paths, ", "))
	}
	return out, nil
}
