package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/rules/builtin"
)

// ruleFlags say which rules are loaded and how they are matched.
type ruleFlags struct {
	paths     []string
	noBuiltin bool
	matching  string
	// falcoAlerts says that Falco's alerts are passed on as alerts.
	falcoAlerts bool
}

func (f *ruleFlags) addTo(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.paths, "rules", nil, "rule `file`, or directory of *.yaml and *.yml, loaded after the built-in rules (repeatable)")
	f.addBuiltinTo(cmd)
}

func (f *ruleFlags) addBuiltinTo(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.noBuiltin, "no-builtin", false, "leave the built-in rules out")
}

func (f *ruleFlags) addFalcoTo(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.falcoAlerts, "falco-alerts", false, "pass Falco's alerts on as alerts (R90); otherwise rules may ask for them and that is all")
}

func (f *ruleFlags) addMatchingTo(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.matching, "matching", "all", "all: each rule that holds for an event gives an alert; first: only the first of each source, as in Falco by default")
}

// files reads the rule files in the order in which they are loaded.
func (f *ruleFlags) files() ([]rules.File, error) {
	var out []rules.File
	if !f.noBuiltin {
		var err error
		if out, err = builtinFiles(); err != nil {
			return nil, err
		}
	}
	if f.falcoAlerts {
		if f.noBuiltin {
			return nil, usageError("Falco's alerts are passed on by a built-in rule, R90: not without the built-in rules")
		}
		out = append(out, rules.File{Name: "builtin/falco-alerts", Data: []byte(builtin.FalcoAlerts), Builtin: true})
	}
	for _, path := range f.paths {
		files, err := readRules(path)
		if err != nil {
			return nil, &statusError{code: exitUsage, err: fmt.Errorf("read rules: %w", err)}
		}
		out = append(out, files...)
	}
	return out, nil
}

func builtinFiles() ([]rules.File, error) {
	names, err := fs.Glob(builtin.Files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("built-in rules: %w", err)
	}
	var out []rules.File
	for _, name := range names {
		data, err := builtin.Files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("built-in rules: %w", err)
		}
		out = append(out, rules.File{Name: "builtin/" + name, Data: data, Builtin: true})
	}
	return out, nil
}

// readRules reads a rule file, or those of a directory in the order of their names (not those of directories in it, as
// in Falco).
func readRules(path string) ([]rules.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	paths := []string{path}
	if info.IsDir() {
		if paths, err = ruleFilesIn(path); err != nil {
			return nil, err
		}
	}
	var out []rules.File
	for _, p := range paths {
		data, err := readBounded(p)
		if err != nil {
			return nil, err
		}
		out = append(out, rules.File{Name: p, Data: data})
	}
	return out, nil
}

func ruleFilesIn(dir string) ([]string, error) {
	var out []string
	for _, pattern := range []string{"*.yaml", "*.yml"} {
		entries, err := fs.Glob(os.DirFS(dir), pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range entries {
			out = append(out, filepath.Join(dir, name))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no *.yaml or *.yml in it", dir)
	}
	slices.Sort(out)
	return out, nil
}

// readBounded reads a file or a pipe, whatever size it says it has.
func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && info.Mode()&fs.ModeNamedPipe == 0 {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, rules.MaxFileBytes+1))
	if err == nil && len(data) > rules.MaxFileBytes {
		err = fmt.Errorf("%s: has more than %d bytes, which a rule file may have", path, rules.MaxFileBytes)
	}
	return data, err
}
