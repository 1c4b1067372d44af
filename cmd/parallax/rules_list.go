package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/event"
)

func (a *app) rulesListCommand() *cobra.Command {
	f := &ruleFlags{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List all rules; those that are blind here, and why",
		Long: `List prints a line for each rule in the order in which they are judged: its id (- where it has none), severity,
source, status and name. The status is on; off (disabled); block (a building block: it gives no alert of its own); or
blind (it asks for something that is not traced yet, and can never match), with the reason below.`,
		Example: `  parallax rules list
  parallax rules list --no-builtin --rules falco_rules.yaml`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.rulesList(f) },
	}
	f.addTo(cmd)
	return cmd
}

func (a *app) rulesList(f *ruleFlags) error {
	set, err := a.loadRules(f)
	if err != nil {
		return err
	}
	var b strings.Builder
	list := set.Rules()
	for i := range list {
		r := &list[i]
		id := r.ID
		if id == "" {
			id = "-"
		}
		fmt.Fprintf(&b, "%-6s %-8s %-9s %-5s %s\n", event.Escape(id), severityOf(r), r.Source, status(r), event.Escape(r.Name))
		if r.Blind != "" {
			fmt.Fprintf(&b, "%32s%s\n", "", event.Escape(r.Blind))
		}
	}
	_, err = fmt.Fprint(a.out, b.String())
	return err
}
