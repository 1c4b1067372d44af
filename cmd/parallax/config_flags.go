package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/parallax-sec/parallax/config"
)

// configFlags are flags that set keys of the configuration. What a flag says wins over the environment, and that over the file.
type configFlags struct {
	cfg  config.Config
	file string
}

func newConfigFlags() *configFlags { return &configFlags{cfg: config.Default()} }

func (f *configFlags) addFileTo(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "config", "", "configuration `file` (YAML); flags and PARALLAX_ variables win over it ('parallax config print' shows all keys)")
}

// load reads the file and the environment, puts what flags said over them, and checks all of it.
func (f *configFlags) load(flags *pflag.FlagSet, environ []string) (config.Config, error) {
	again := given(flags)
	f.cfg = config.Default()
	if f.file != "" {
		if err := f.cfg.Load(f.file); err != nil {
			return f.cfg, &statusError{code: exitUsage, err: err}
		}
	}
	if err := f.cfg.Environ(environ); err != nil {
		return f.cfg, &statusError{code: exitUsage, err: err}
	}
	if err := again(); err != nil {
		return f.cfg, err
	}
	if err := f.cfg.Validate(); err != nil {
		return f.cfg, &statusError{code: exitUsage, err: err}
	}
	return f.cfg, nil
}

// given remembers what flags were given, and returns what sets them once more.
func given(flags *pflag.FlagSet) (again func() error) {
	var all []func() error
	flags.Visit(func(f *pflag.Flag) {
		set := func(text string) func() error { return func() error { return f.Value.Set(text) } }(f.Value.String())
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values := slices.Clone(list.GetSlice())
			set = func() error { return list.Replace(values) }
		}
		all = append(all, set)
	})
	return func() error {
		for _, set := range all {
			if err := set(); err != nil {
				return usageError("%w", err)
			}
		}
		return nil
	}
}

// not is a flag that switches something off.
type not struct{ on *bool }

func (n not) String() string {
	if n.on == nil {
		return "false"
	}
	return strconv.FormatBool(!*n.on)
}

func (n not) Set(s string) error {
	off, err := strconv.ParseBool(s)
	*n.on = !off
	return err
}

func (n not) Type() string { return "bool" }

// word is a flag without a value that sets a word.
type word struct {
	to   *string
	word string
}

func (w word) String() string { return strconv.FormatBool(w.to != nil && *w.to == w.word) }

func (w word) Set(s string) error {
	on, err := strconv.ParseBool(s)
	if on {
		*w.to = w.word
	}
	return err
}

func (w word) Type() string { return "bool" }

func addSwitch(flags *pflag.FlagSet, v pflag.Value, name, help string) {
	flags.VarPF(v, name, "", help).NoOptDefVal = "true"
}

func addRuleFlags(flags *pflag.FlagSet, c *config.Rules) {
	flags.StringArrayVar(&c.Files, "rules", nil, "rule `file`, or directory of *.yaml and *.yml, loaded after the built-in rules (repeatable)")
	addSwitch(flags, not{&c.Builtin}, "no-builtin", "leave the built-in rules out")
	flags.StringVar(&c.Matching, "matching", c.Matching, "all: each rule that holds for an event gives an alert; first: only the first of each source, as in Falco by default")
}

func addWebhookFlags(flags *pflag.FlagSet, c *config.Config) {
	flags.StringVar(&c.Webhook.Dir, "webhook-dir", "", "take audit events over HTTPS with the certificates of this `folder`, which 'parallax setup webhook' has written")
	flags.StringVar(&c.Webhook.Listen, "listen", "", "`address` at which API servers' audit events are taken; default "+defaultWebhookListen+" where --webhook-dir is given")
	flags.StringVar(&c.Webhook.TokenFile, "token-file", "", "`file` of a bearer token that an API server may show instead of a certificate")
	flags.DurationVar(&c.Reorder, "reorder", c.Reorder, "how much later than a newer one an audit event of a webhook may come without being late")
}

// defaultWebhookListen is where API servers are listened to where nothing is said: nobody else's machine reaches it.
const defaultWebhookListen = "127.0.0.1:9443"

func addTailFlags(flags *pflag.FlagSet, c *config.Tail) {
	flags.StringArrayVar(&c.Audit, "tail", nil, "follow an audit log `file` that an API server writes, through its rotation (repeatable)")
	flags.StringVar(&c.From, "tail-from", c.From, "where to begin where nothing was read yet: live (the file as it is), oldest (its backups, too) or end")
}

func addFalcoFlags(flags *pflag.FlagSet, c *config.Falco) {
	flags.StringVar(&c.Listen, "falco-listen", "", "`address` at which Falco's http_output and falcosidekick are listened to (127.0.0.1:2801)")
	flags.StringVar(&c.TokenFile, "falco-token-file", "", "`file` of the secret that the path ends with: http://ADDRESS/falco/SECRET")
	flags.StringVar(&c.GRPC, "falco-grpc", "", "take the outputs of a Falco up to 0.43: `address`, unix:///run/falco/falco.sock or HOST:5060")
	flags.StringArrayVar(&c.Files, "falco-file", nil, "follow a `file` that Falco's file_output writes (repeatable)")
	flags.BoolVar(&c.Alerts, "falco-alerts", false, "pass Falco's alerts on as alerts")
}

func addSensorFlags(flags *pflag.FlagSet, c *config.Sensor) {
	flags.BoolVar(&c.Host, "host", false, "watch the processes of the machine itself, too, not only those in containers")
	flags.BoolVar(&c.FailedExecs, "failed-execs", false, "record programs that could not be started, too; makes every system call a little slower")
	flags.BoolVar(&c.RuntimeSetup, "runtime-setup", false, "record what a container runtime does inside a container before its first program starts, too")
	flags.StringVar(&c.State, "state", c.State, "`file` in which sessions survive a restart of the sensor; it is to be gone after a reboot. Empty: none")
	flags.StringVar(&c.Lock, "lock", c.Lock, "`file` that keeps a second sensor from this machine: they would see the same, and each costs")
	flags.StringVar(&c.Node, "node", "", "`name` of the machine in events and alerts; default NODE_NAME of the environment, else the host name")
	flags.StringVar(&c.HostRoot, "host-root", c.HostRoot, "`folder` where the machine's root is seen; in a container, where its proc, sys/fs/cgroup and runtime's folders are mounted (/host)")
	flags.StringArrayVar(&c.RuntimeDirs, "runtime-dir", nil,
		"further folder of a container runtime's files, `runtime=folder`, as the machine names it: containerd (its state), cri-o or podman (storage), docker (data), runc (--root) (repeatable)")
	flags.StringArrayVar(&c.CgroupRoots, "cgroup-root", nil, "cgroup `path` that counts as a root, for nodes that are containers themselves (kind, k3d) (repeatable)")
	flags.StringArrayVar(&c.KubeletRoots, "kubelet-cgroup-root", nil, "cgroup `path` that the kubelet was given as --cgroup-root (repeatable)")
}

func addOutputFlags(flags *pflag.FlagSet, c *config.Output) {
	flags.BoolVar(&c.Events, "events", false, "give out every event, not only alerts (event.kind is event, not alert)")
	flags.StringVarP(&c.Format, "output", "o", "", "json (one ECS document a line) or text; default text on a terminal, else json")
	flags.StringVar(&c.File, "out", "", "append alerts to this `file` instead of writing them to standard output")
	flags.StringVar(&c.FailOn, "fail-on", "", "exit with status 3 when an alert given out was at least this severe: a severity or a `priority` of rule files (Warning)")
}

func addBusFlags(flags *pflag.FlagSet, c *config.Bus) {
	flags.StringArrayVar(&c.URLs, "nats", nil, "`URL` of a server of a NATS cluster with JetStream (nats://host:4222 or tls://...) (repeatable)")
	flags.StringVar(&c.CredsFile, "nats-creds", "", "credentials `file` for it")
	flags.StringVar(&c.NKeyFile, "nats-nkey", "", "NKey seed `file` for it")
	flags.StringVar(&c.TokenFile, "nats-token", "", "`file` of a token for it: an agent's projected service account token")
	flags.StringVar(&c.CA, "nats-ca", "", "`file` of who signed its certificates")
}

func addOpsFlags(flags *pflag.FlagSet, c *config.Config) {
	flags.StringVar(&c.Ops.Listen, "metrics", "", "serve /metrics for Prometheus, /healthz and /readyz at this `address` (127.0.0.1:9464)")
	flags.StringVar(&c.Log.Format, "log-format", c.Log.Format, "text or json, on standard error")
	flags.StringVar(&c.Log.Level, "log-level", c.Log.Level, "debug, info, warn or error")
}

func addDataFlag(flags *pflag.FlagSet, c *config.Config) {
	flags.StringVar(&c.Data, "data", "", "`folder` in which what has been taken in outlives a restart; without it, a temporary one")
}

// environ is the environment of the process.
func (a *app) environ() []string {
	if a.environment != nil {
		return a.environment
	}
	return os.Environ()
}

// configCommand is `parallax config`.
func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Check and show the configuration of run, hub and agent"}
	cmd.AddCommand(a.configCheckCommand(), a.configPrintCommand())
	return cmd
}

func (a *app) configCheckCommand() *cobra.Command {
	f := newConfigFlags()
	return &cobra.Command{
		Use:   "check FILE",
		Short: "Tell all that is wrong with a configuration file",
		Long: `Check reads a configuration file, puts the PARALLAX_ variables of the environment over it, and tells what is wrong: keys that
are not known with their line, values that cannot be, files that are missing, rules that do not load.`,
		Example: `  parallax config check /etc/parallax/parallax.yaml`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.file = args[0]
			cfg, err := f.load(cmd.Flags(), a.environ())
			if err != nil {
				return err
			}
			if err := cfg.Files(); err != nil {
				return &statusError{code: exitUsage, err: err}
			}
			set, err := a.loadRules(rulesOf(&cfg))
			if err != nil {
				return err
			}
			fmt.Fprintf(a.err, "%s: good, with %s\n", args[0], counted(uint64(len(set.Rules())), "rule", "rules"))
			return nil
		},
	}
}

func (a *app) configPrintCommand() *cobra.Command {
	f := newConfigFlags()
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Write the configuration that would be in force, with what each key is for",
		Long: `Print writes what file and environment come to, as a file that --config reads; without --config, the defaults. There are no
secrets in it, only the names of the files that hold them.`,
		Example: `  parallax config print > parallax.yaml
  PARALLAX_BUS_MAXBYTES=1GiB parallax config print --config parallax.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := f.load(cmd.Flags(), a.environ())
			if err != nil {
				return err
			}
			text, err := cfg.YAML()
			if err == nil {
				_, err = a.out.Write(text)
			}
			return err
		},
	}
	f.addFileTo(cmd)
	return cmd
}

// rulesOf are the flags of rules that a configuration stands for.
func rulesOf(c *config.Config) *ruleFlags {
	return &ruleFlags{paths: c.Rules.Files, noBuiltin: !c.Rules.Builtin, matching: c.Rules.Matching, falcoAlerts: c.Falco.Alerts}
}
