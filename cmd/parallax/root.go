package main

import (
	"github.com/spf13/cobra"
)

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "parallax",
		Short: "Runtime security detector for Kubernetes",
		Long: `Parallax judges what the Kubernetes API server was asked by rules, and tells who did what from where.

Standard output is data, standard error is for people. Exit status: 0 done; 1 could not do it;
2 wrong usage, or rules that do not load; 3 --fail-on was given and an alert reached it.`,
		Example: `  parallax replay attacks.log benign.log.gz more/*.zst -
  parallax rules list
  parallax rules explain R01`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddCommand(a.runCommand(), a.hubCommand(), a.agentCommand(), a.configCommand(), a.recordCommand(), a.replayCommand(), a.rulesCommand(), a.doctorCommand(), a.setupCommand(), a.busCommand(), a.versionCommand())
	return root
}
