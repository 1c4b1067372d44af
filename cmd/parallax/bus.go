package main

import "github.com/spf13/cobra"

func (a *app) busCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bus",
		Short: "Look at the streams between the parts",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.busStatusCommand())
	return cmd
}
