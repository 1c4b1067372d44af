package main

import (
	"cmp"
	"os"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/bpf"
)

func (a *app) runCommand() *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Watch this machine and give alerts",
		Long: `Run loads the kernel sensor and judges what happens in the containers of this machine, as it happens. It needs root,
and Linux 5.8 or later with BTF ('parallax doctor' tells what this kernel allows).

Alerts go to standard output, everything else to standard error, where a line that begins with "ready" says that nothing
is missed from then on. An interrupt (Ctrl-C) stops taking in, gives out what has been taken in, and tells what came of
it; a second one ends at once.

Whoever takes the alerts slowly makes the sensor wait. What happens meanwhile stays in the kernel's rings, and what finds
no room there is lost: it is counted, told at the end, and an event of its own in the stream.`,
		Example: `  parallax run
  parallax run --events --output json | jq .process.args
  parallax run --rules my-rules.yaml --out /var/log/parallax/alerts.jsonl --metrics 127.0.0.1:9464`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.newRun(f)
			if err != nil {
				return err
			}
			return r.run(cmd.Context())
		},
	}
	f.addTo(cmd)
	return cmd
}

// sensorFlags say what the sensor records.
type sensorFlags struct {
	nodeFlags
	host, failedExecs, runtimeSetup bool
	node, state, lock               string
}

func (f *sensorFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.host, "host", false, "watch the processes of the machine itself, too, not only those in containers")
	flags.BoolVar(&f.failedExecs, "failed-execs", false, "record programs that could not be started, too; makes every system call a little slower")
	flags.BoolVar(&f.runtimeSetup, "runtime-setup", false, "record what a container runtime does inside a container before its first program starts, too")
	flags.StringVar(&f.state, "state", "/run/parallax/sessions.json", "`file` in which sessions survive a restart of the sensor; it is to be gone after a reboot. Empty: none")
	flags.StringVar(&f.lock, "lock", bpf.DefaultConfig().LockFile, "`file` that keeps a second sensor from this machine: they would see the same, and each costs")
	flags.StringVar(&f.node, "node", "", "`name` of the machine in events and alerts; default NODE_NAME of the environment, else the host name")
	f.nodeFlags.addTo(cmd)
}

// config is what the flags say about the sensor.
func (f *sensorFlags) config() bpf.Config {
	cfg := bpf.DefaultConfig()
	cfg.Host, cfg.FailedExecs, cfg.RuntimeSetup, cfg.LockFile = f.host, f.failedExecs, f.runtimeSetup, f.lock
	return cfg
}

// nodeName is the name of the machine.
func (f *sensorFlags) nodeName(env func(string) string) string {
	host, _ := os.Hostname()
	return cmp.Or(f.node, env("NODE_NAME"), host, "localhost")
}

// runFlags are the flags of run, as they were written.
type runFlags struct {
	ruleFlags
	sensorFlags
	outFlags
	events                  bool
	failOn, metrics, record string
}

func (f *runFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	f.ruleFlags.addTo(cmd)
	f.addMatchingTo(cmd)
	f.sensorFlags.addTo(cmd)
	flags.BoolVar(&f.events, "events", false, "give out every event, not only alerts (event.kind is event, not alert)")
	f.outFlags.addTo(cmd, "append alerts to this `file` instead of writing them to standard output")
	flags.StringVar(&f.record, "record", "", "write what the sensor sees to this `file`, too, as 'parallax record' does; it is not to be there yet")
	flags.StringVar(&f.failOn, "fail-on", "", "exit with status 3 when an alert given out was at least this severe: a severity or a `priority` of rule files (Warning)")
	flags.StringVar(&f.metrics, "metrics", "", "serve metrics for Prometheus at this `address` (127.0.0.1:9464), path /metrics")
}
