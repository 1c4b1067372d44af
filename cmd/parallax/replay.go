package main

import (
	"time"

	"github.com/spf13/cobra"
)

func (a *app) replayCommand() *cobra.Command {
	f := &replayFlags{}
	cmd := &cobra.Command{
		Use:   "replay FILE...",
		Short: "Judge recorded audit logs and recordings of the kernel sensor",
		Long: `Replay judges recorded audit logs, and what 'parallax record' has written, and gives the alerts that a live system
would have raised.

FILE is a file, a directory (with all that is below it), or - for standard input. What it is, is told by its content: an
audit log, plain or compressed by gzip or zstd, with events one a line, EventLists, arrays, or JSON values over several
lines, or in what EKS, AKS, GKE and log shippers put around them; or a recording of the kernel sensor. All are merged by event time. The same input gives the same bytes, whatever
the number of workers.

A bad line is reported with file, line and reason, counted, and left out (--strict stops there); of a recording the
number of the frame stands for the line. Alerts go to standard output, everything else to standard error. An interrupt (Ctrl-C) gives out what has been merged so far,
and ends with status 1; a second one ends at once.`,
		Example: `  parallax replay attacks.log benign.log.gz more/*.zst
  zcat audit.log.gz | parallax replay --output json - | jq .message
  parallax replay --since 2026-11-20T23:49:00Z --min-severity high attacks.log
  parallax replay --rule R01 --rule R46 --out alerts.jsonl /var/log/kubernetes/audit/
  parallax replay node-1.plx node-2.plx /var/log/kubernetes/audit/
  parallax replay --events node-1.plx | jq .process.args
  parallax replay --rules my-rules.yaml --no-builtin --fail-on high attacks.log`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.newReplay(cmd.Context(), f, args, time.Now())
			if err != nil {
				return err
			}
			return r.run(cmd.Context())
		},
	}
	f.addTo(cmd)
	return cmd
}

// replayFlags are the flags of replay, as they were written.
type replayFlags struct {
	ruleFlags
	outFlags
	since, until, minSeverity, failOn string
	only                              []string
	workers                           int
	strict, partial, events           bool
}

func (f *replayFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	f.ruleFlags.addTo(cmd)
	f.addMatchingTo(cmd)
	f.outFlags.addTo(cmd, "write alerts to this `file`, which is emptied first, instead of standard output")
	flags.BoolVar(&f.events, "events", false, "give out every event, not only alerts (event.kind is event, not alert)")
	flags.StringVar(&f.since, "since", "", "only alerts from then on: `when` is "+whenHelp)
	flags.StringVar(&f.until, "until", "", "only alerts before then: `when` as for --since")
	flags.StringArrayVar(&f.only, "rule", nil, "only alerts of the rule with this `id` or name (repeatable)")
	flags.StringVar(&f.minSeverity, "min-severity", "", "only alerts at least this severe: low, medium, high or critical")
	flags.StringVar(&f.failOn, "fail-on", "", "exit with status 3 when an alert given out is at least this severe: a severity or a `priority` of rule files (Warning)")
	flags.IntVar(&f.workers, "workers", 0, "how many goroutines decode and judge; default one a core")
	flags.BoolVar(&f.strict, "strict", false, "stop at the first bad line, with status 1")
	flags.BoolVar(&f.partial, "partial", false, "the logs are not complete between their first and last event: conclude nothing from what is not in them (no rule of this version does)")
}
