package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/doctor"
)

func (a *app) doctorCommand() *cobra.Command {
	f, output := &ruleFlags{}, ""
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Tell what this machine's kernel and container runtime allow, hook by hook, and which rules are blind here",
		Long: `Doctor tries every hook of the kernel sensor and takes it away again, looks for the files of container runtimes, and names
the rules that ask for what cannot be seen here. It changes nothing, and may run beside a sensor. The trial needs root; what
can be known without is told anyway. Exit status: 0 the sensor can run here; 1 it cannot.`,
		Example: `  sudo parallax doctor
  sudo parallax doctor --output json | jq '.hooks[] | select(.lost)'`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.doctor(f, output) },
	}
	f.addTo(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (a *app) doctor(f *ruleFlags, output string) error {
	if output != "text" && output != "json" {
		return usageError("--output %q: want text or json", output)
	}
	set, err := a.loadRules(f)
	if err != nil {
		return err
	}
	report := doctor.Inspect(set.Rules())
	if output == "json" {
		err = writeIndented(a.out, report)
	} else {
		err = report.WriteText(a.out)
	}
	if err == nil && !report.Ready {
		return said(exitFailed)
	}
	return err
}

// writeIndented writes v as JSON that people can read, too.
func writeIndented(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
