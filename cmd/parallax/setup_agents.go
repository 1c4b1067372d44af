package main

import (
	"fmt"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/setup/agents"
	"github.com/spf13/cobra"
)

func (a *app) setupAgentsCommand() *cobra.Command {
	c := &agents.Config{Permissions: agentPermissions}
	dryRun := false
	cmd := &cobra.Command{
		Use:   "agents --dir DIR --node NAME",
		Short: "Make the keys of the agents of nodes",
		Long: `Agents makes, in a folder:

    node-NAME.nk               the key of the agent of a node, for bus.nkeyFile there; nobody else needs it
    agents.keys                for a hub that takes agents itself: bus.agentKeysFile
    hub.nk                     the key of hubs, for bus.nkeyFile where the bus is a NATS cluster
    nats-authorization.conf    for the configuration of that cluster's servers: who may publish and subscribe to what

An agent may publish what its own node saw, and get the answers to that. A node of --tail-node, one with an API server, may send the
audit log that lies there, too. In a Kubernetes cluster no keys are needed: with bus.tokenReview agents show their service account's token.

Run again, it keeps all keys, those of nodes that are not named as well, and makes those that are not there. A hub reads agents.keys
again when it changes. Exit status: 0 the files are there; 1 they could not be made; 2 wrong usage.`,
		Example: `  parallax setup agents --dir agents --node worker-1 --node worker-2 --tail-node cp-1
  parallax setup agents --dir agents --revoke worker-2`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.setupAgents(c, dryRun) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&c.Dir, "dir", "", "`folder` for the files; it is made where it is not there")
	flags.StringArrayVar(&c.Nodes, "node", nil, "`name` of a node that gets a key (repeatable)")
	flags.StringArrayVar(&c.TailNodes, "tail-node", nil, "`name` of a node that may send an audit log, too (repeatable)")
	flags.StringArrayVar(&c.Revoke, "revoke", nil, "`name` of a node that is not let in any more (repeatable)")
	flags.StringVar(&c.Cluster, "cluster", "default", "`name` of the cluster that those audit logs are of")
	flags.BoolVar(&dryRun, "dry-run", false, "tell what would be done, and do nothing")
	_ = cmd.MarkFlagDirname("dir") // fails only where there is no such flag
	return cmd
}

// agentPermissions is what the bus lets an agent do.
func agentPermissions(node, tailOf string) (publish, subscribe []string, err error) {
	p, err := bus.NodePermissions(node, tailOf)
	return p.Publish, p.Subscribe, err
}

func (a *app) setupAgents(c *agents.Config, dryRun bool) error {
	if c.Dir == "" || len(c.Nodes)+len(c.TailNodes)+len(c.Revoke) == 0 {
		return usageError("--dir is needed, and a --node, --tail-node or --revoke")
	}
	if err := c.Validate(); err != nil {
		return usageError("%w", err)
	}
	plan, err := agents.NewPlan(*c)
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { fmt.Fprintln(a.err, event.Escape(fmt.Sprintf(format, args...))) }
	if dryRun {
		say("Nothing is done (--dry-run). It would be:")
	} else if err := plan.Apply(); err != nil {
		return err
	}
	for _, s := range plan.Steps() {
		say("%-8s %-28s %s", s.Action, s.Name, s.Why)
	}
	say("%d nodes have a key.", plan.Nodes())
	return nil
}
