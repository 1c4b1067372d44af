package main

import "github.com/spf13/cobra"

func (a *app) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "Check, list, explain and test rules",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.rulesCheckCommand(), a.rulesListCommand(), a.rulesExplainCommand(), a.rulesFieldsCommand(), a.rulesTestCommand())
	return cmd
}
