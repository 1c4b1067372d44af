package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/doctor"
)

func (a *app) doctorCommand() *cobra.Command {
	f, output, logs := &ruleFlags{}, "", []string(nil)
	cmd := &cobra.Command{
		Use:   "doctor [AUDIT-LOG...]",
		Short: "Tell what this machine's kernel and container runtime allow, or what an audit log shows, and which rules are blind",
		Long: `Doctor tries every hook of the kernel sensor and takes it away again, looks for the files of container runtimes, and names
the rules that ask for what cannot be seen here. It changes nothing, and may run beside a sensor. The trial needs root; what
can be known without is told anyway. Exit status: 0 the sensor can run here; 1 it cannot.

With files it looks at them and not at the machine: audit logs as replay reads them, from an API server or in what EKS, AKS, GKE
and log shippers make of them. It tells what they came in, levels and stages, what such a log does not tell, and which rules are
blind on it. Exit status: 0 there are events; 1 there are none.`,
		Example: `  sudo parallax doctor
  sudo parallax doctor --output json | jq '.hooks[] | select(.lost)'
  parallax doctor /var/log/kubernetes/audit/
  parallax doctor --audit-log cloudwatch-export/ --output json | jq '.blind_rules[].id'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return usageError("--output %q: want text or json", output)
			}
			if logs = append(logs, args...); len(logs) > 0 {
				return a.doctorAudit(cmd.Context(), f, logs, output)
			}
			return a.doctor(f, output)
		},
	}
	cmd.Flags().StringArrayVar(&logs, "audit-log", nil, "look at this audit log: a `file`, a directory, or - for standard input (repeatable)")
	f.addTo(cmd)
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (a *app) doctor(f *ruleFlags, output string) error {
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
