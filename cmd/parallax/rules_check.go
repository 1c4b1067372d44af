package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/rules"
)

func (a *app) rulesCheckCommand() *cobra.Command {
	f := &ruleFlags{}
	strict := false
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Load rule files and tell all that is wrong with them",
		Long: `Check loads rule files, or directories of *.yaml and *.yml, in their order, as one set after the built-in rules,
and prints every error and warning with its line and a caret. The exit status is 0 exactly when the files load.`,
		Example: `  parallax rules check my-rules.yaml
  parallax rules check --strict falco_rules.yaml k8s_audit_rules.yaml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f.paths = args
			return a.rulesCheck(f, strict)
		},
	}
	f.addBuiltinTo(cmd)
	cmd.Flags().BoolVar(&strict, "strict", false, "warnings fail too")
	return cmd
}

func (a *app) rulesCheck(f *ruleFlags, strict bool) error {
	files, err := f.files()
	if err != nil {
		return err
	}
	set, found := rules.Load(env(), files)
	if err := found.Print(a.err); err != nil {
		return err
	}
	warnings := 0
	for _, d := range found {
		if d.Warning {
			warnings++
		}
	}
	told := fmt.Sprintf("%s, %s", counted(uint64(len(found)-warnings), "error", "errors"), counted(uint64(warnings), "warning", "warnings"))
	switch {
	case set == nil:
		return &statusError{code: exitUsage, err: fmt.Errorf("the rules do not load: %s", told)}
	case strict && warnings > 0:
		return &statusError{code: exitUsage, err: fmt.Errorf("the rules load, but not without warnings (--strict): %s", told)}
	}
	own, blind := 0, 0
	for _, r := range set.Rules() {
		if r.Builtin {
			continue
		}
		if own++; r.Blind != "" {
			blind++
		}
	}
	_, err = fmt.Fprintf(a.err, "%s, %d of them blind here; %s\n", counted(uint64(own), "rule loads", "rules load"), blind, told)
	return err
}
