package main

import (
	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/daemon"
)

func (a *app) runCommand() *cobra.Command {
	f := newConfigFlags()
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Watch this machine, and the API servers that send to it, and give alerts",
		Long: `Run does everything in one process on one machine: where it is root it loads the kernel sensor and judges what happens in the
containers of this machine; with --webhook-dir it takes the audit events of API servers over HTTPS; it follows audit logs and takes
Falco's alerts. All of it goes through a stream on disk (--data) before it is acknowledged, so that nothing which an API server
was told is stored is ever lost, whatever ends the process.

Alerts go to standard output, everything else to standard error, where a line that begins with "ready" says that all inputs are
live. An interrupt (Ctrl-C) stops taking in, gives out what has been taken in, and tells what came of it; a second one ends at
once. SIGHUP, or a change of their files, loads rules and certificates again.

The sensor needs Linux 5.8 or later with BTF ('parallax doctor' tells what this kernel allows). Whoever takes the alerts slowly
makes the stream grow, not the sensor wait; with --events, which go around the stream, it waits, and what finds no room in the
kernel's rings meanwhile is lost: it is counted, told at the end, and an event of its own.`,
		Example: `  parallax run
  parallax run --events --output json | jq .process.args
  parallax setup webhook --dir hook --url https://127.0.0.1:9443/audit
  parallax run --webhook-dir hook --data state --no-sensor --output json --out alerts.jsonl
  parallax run --tail /var/log/kubernetes/audit/audit.log --falco-listen 127.0.0.1:2801 --falco-alerts --data state
  parallax run --config /etc/parallax/parallax.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd, f, daemon.RoleRun) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addFileTo(cmd)
	c := &f.cfg
	addDataFlag(flags, c)
	addWebhookFlags(flags, c)
	addTailFlags(flags, &c.Tail)
	addFalcoFlags(flags, &c.Falco)
	addSwitch(flags, word{&c.Sensor.Enabled, "no"}, "no-sensor", "do without the kernel sensor, also where it could run")
	addSensorFlags(flags, &c.Sensor)
	flags.StringVar(&c.Sensor.RecordingFile, "record", "", "write what the sensor sees to this `file`, too, as 'parallax record' does; it is not to be there yet")
	addRuleFlags(flags, &c.Rules)
	addOutputFlags(flags, &c.Output)
	addOpsFlags(flags, c)
	return cmd
}

func (a *app) hubCommand() *cobra.Command {
	f := newConfigFlags()
	cmd := &cobra.Command{
		Use:   "hub",
		Short: "Be the half of a cluster: take in, judge, correlate, give alerts out",
		Long: `Hub takes the audit events of API servers, Falco's alerts and what the agents of all nodes send, judges all of it, and gives the
alerts out. The stream between is a NATS cluster with JetStream (--nats), or a server in this process that agents connect to
(bus.listen of the configuration). Several hubs over one NATS cluster take events in all the time; one of them judges, and
another takes over within some seconds when it is gone.

Most of its settings stand in the configuration file: 'parallax config print' writes one with all keys.`,
		Example: `  parallax hub --config /etc/parallax/parallax.yaml
  parallax hub --nats tls://nats-0:4222 --nats tls://nats-1:4222 --nats-nkey hub.nk --nats-ca ca.crt --webhook-dir hook --listen 0.0.0.0:9443`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd, f, daemon.RoleHub) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addFileTo(cmd)
	c := &f.cfg
	addDataFlag(flags, c)
	addBusFlags(flags, &c.Bus)
	addWebhookFlags(flags, c)
	addTailFlags(flags, &c.Tail)
	addFalcoFlags(flags, &c.Falco)
	addRuleFlags(flags, &c.Rules)
	addOutputFlags(flags, &c.Output)
	addOpsFlags(flags, c)
	return cmd
}

func (a *app) agentCommand() *cobra.Command {
	f := newConfigFlags()
	cmd := &cobra.Command{
		Use:   "agent",
		Short: "Be the half of a node: watch its containers, and send what rules find to the hub",
		Long: `Agent loads the kernel sensor, judges what happens in the containers of this node, and sends matches and facts to a hub or a NATS
cluster; raw events never leave the node. On a control-plane node it can follow the API server's audit log as well (--tail).
It needs root, or CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE ('parallax doctor' tells what is missing).

While the stream cannot be reached, what is found waits in bounded memory; what finds no room is counted, and told when it can be.`,
		Example: `  parallax agent --nats tls://parallax-hub:4222 --nats-token /var/run/secrets/parallax/token --nats-ca /etc/parallax/ca.crt
  parallax agent --nats nats://nats-0:4222 --nats-nkey node-1.nk --node node-1`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.daemon(cmd, f, daemon.RoleAgent) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addFileTo(cmd)
	c := &f.cfg
	addBusFlags(flags, &c.Bus)
	addDataFlag(flags, c)
	addTailFlags(flags, &c.Tail)
	addSwitch(flags, word{&c.Sensor.Enabled, "no"}, "no-sensor", "do without the kernel sensor: with --tail, an agent that only follows logs")
	addSensorFlags(flags, &c.Sensor)
	flags.StringVar(&c.Sensor.RecordingFile, "record", "", "write what the sensor sees to this `file`, too, as 'parallax record' does; it is not to be there yet")
	addRuleFlags(flags, &c.Rules)
	addOpsFlags(flags, c)
	return cmd
}

// daemon runs a role until it is told to stop.
func (a *app) daemon(cmd *cobra.Command, f *configFlags, role daemon.Role) error {
	cfg, err := f.load(cmd.Flags(), a.environ())
	if err != nil {
		return err
	}
	return a.runDaemon(cmd.Context(), cfg, role)
}
