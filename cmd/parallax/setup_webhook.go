package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/setup/webhook"
)

// setupWebhookFlags are the flags of setup webhook, as they were written.
type setupWebhookFlags struct {
	webhook.Config
	target, at string
	dryRun     bool
}

func (a *app) setupWebhookCommand() *cobra.Command {
	f := &setupWebhookFlags{}
	cmd := &cobra.Command{
		Use:   "webhook --dir DIR --url URL",
		Short: "Make what API servers need to send their audit events to Parallax",
		Long: `Webhook makes, in a folder:

    ca.crt, ca.key             a certificate authority of its own; ca.key is needed to renew, by nobody else
    server.crt, server.key     for Parallax; with ca.crt all that parallax run --webhook-dir reads
    webhook-kubeconfig.yaml    for the API server: --audit-webhook-config-file, with all certificates in it
    client.crt, client.key     the same certificate again, for tests with curl
    audit-policy.yaml          for the API server: --audit-policy-file, what the built-in rules need to see

and prints the flags of the API server on standard output, or with --for what a kind of cluster wants instead.

A cluster with several API servers needs a certificate for each, since an audit event does not say which of them wrote it:
--apiserver NAME, once for each, makes client-NAME.crt, client-NAME.key and webhook-kubeconfig-NAME.yaml instead.

Run again, it keeps the CA, and certificates that are good for 90 days more and say what is asked for; it makes the others anew. A CA is
good for ten years, a certificate for two. Parallax takes a new server.crt up while it runs; an API server reads its kubeconfig when
it starts. Exit status: 0 the files are there; 1 they could not be made; 2 wrong usage.`,
		Example: `  parallax setup webhook --dir hook --url https://127.0.0.1:9443/audit
  parallax setup webhook --dir hook --url https://192.0.2.10:9443/audit --cluster prod --apiserver cp1 --apiserver cp2 --apiserver cp3
  parallax setup webhook --dir hook --url https://10.96.0.50/audit --for kubeadm > cluster-configuration.yaml
  parallax run --webhook-dir hook --listen 127.0.0.1:9443`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.setupWebhook(f) },
	}
	f.addTo(cmd)
	return cmd
}

func (f *setupWebhookFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.Dir, "dir", "", "`folder` for the files; it is made where it is not there")
	flags.StringVar(&f.URL, "url", "", "where the API servers reach Parallax: https://HOST[:PORT][/audit]")
	flags.StringArrayVar(&f.APIServers, "apiserver", nil, "`name` of an API server that gets a certificate of its own (repeatable)")
	flags.StringVar(&f.Cluster, "cluster", "", "`name` of the cluster (default \"default\")")
	flags.StringArrayVar(&f.SANs, "san", nil, "further host `name` or address of the server's certificate (repeatable)")
	flags.StringVar(&f.ServerName, "tls-server-name", "", "`name` that API servers want in that certificate; default the URL's host, or parallax-webhook where that is an address")
	flags.StringVar(&f.target, "for", "flags", "what to print: "+strings.Join(webhook.TargetNames(), ", "))
	flags.StringVar(&f.at, "at", "", "`folder` in which API servers will find their files; default --dir, or what is usual for the kind of cluster")
	flags.BoolVar(&f.NewCA, "force", false, "make a new CA, and with it everything anew: API servers are let in by their new files only")
	flags.BoolVar(&f.dryRun, "dry-run", false, "tell what would be done, and do nothing")
	// These two fail only where there is no such flag.
	_ = cmd.MarkFlagDirname("dir")
	_ = cmd.RegisterFlagCompletionFunc("for", cobra.FixedCompletions(webhook.TargetNames(), cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) setupWebhook(f *setupWebhookFlags) error {
	target, err := webhook.FindTarget(f.target)
	if err != nil {
		return usageError("--for %w", err)
	}
	if f.Dir == "" || f.URL == "" {
		return usageError("--dir and --url are needed")
	}
	if err := f.Validate(); err != nil {
		return usageError("%w", err)
	}
	plan, err := webhook.NewPlan(f.Config, time.Now())
	if err != nil {
		return err
	}
	text, err := plan.Render(target, f.at)
	if err != nil {
		return err
	}
	if !f.dryRun {
		if err := plan.Apply(); err != nil {
			return err
		}
	}
	a.tellSetup(f, plan, target)
	_, err = fmt.Fprint(a.out, text)
	return err
}

// tellSetup says to people what was done and what comes next.
func (a *app) tellSetup(f *setupWebhookFlags, plan *webhook.Plan, target webhook.Target) {
	say := func(format string, args ...any) { fmt.Fprintln(a.err, event.Escape(fmt.Sprintf(format, args...))) }
	if f.dryRun {
		say("Nothing is done (--dry-run). It would be:")
	}
	for _, s := range plan.Steps() {
		say("%-8s %-28s %s", s.Action, s.Name, s.Why)
	}
	for _, w := range plan.Warnings {
		say("warning: %s", w)
	}
	say("Certificates end on %s, the first of them; the same command renews from %s on. The CA ends on %s.",
		plan.LeavesEnd.UTC().Format(time.DateOnly), plan.RenewAfter.UTC().Format(time.DateOnly), plan.CAEnds.UTC().Format(time.DateOnly))
	for line := range strings.Lines(target.Next) {
		say("%s", strings.TrimSuffix(line, "\n"))
	}
}
