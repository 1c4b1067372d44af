package main

import "github.com/spf13/cobra"

func (a *app) setupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Make certificates, and the files that others need to send to Parallax",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.setupAgentsCommand(), a.setupWebhookCommand(), a.setupPolicyCommand())
	return cmd
}
