package daemon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/kubeauth"
	"github.com/parallax-sec/parallax/tlsfiles"
)

// openBus opens the stream, or of an agent the way to its hub.
func (d *Daemon) openBus(ctx context.Context) error {
	if d.role == RoleAgent {
		return d.openLink()
	}
	cfg, err := d.busConfig()
	if err != nil {
		return err
	}
	if d.bus, err = bus.Open(ctx, cfg); err != nil {
		return fmt.Errorf("open the stream: %w", err)
	}
	d.open.add(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return d.bus.Close(ctx)
	})
	d.stream = wholeBus{d.bus}
	return d.openGate(cfg.Limits)
}

// openGate lets agents' messages in, where agents can come.
func (d *Daemon) openGate(l bus.Limits) error {
	if d.cfg.Bus.Listen == "" && len(d.cfg.Bus.URLs) == 0 {
		return nil
	}
	var err error
	d.gate, err = d.bus.Gate(bus.DefaultGateConfig(l))
	return err
}

// busConfig is what the settings say about the stream.
func (d *Daemon) busConfig() (bus.Config, error) {
	c := &d.cfg.Bus
	cfg := bus.DefaultConfig()
	cfg.Log, cfg.Replicas, cfg.URLs = d.s.Log, c.Replicas, c.URLs
	cfg.Name = d.role.String() + "/" + NodeName(&d.cfg.Sensor, d.s.Getenv)
	cfg.Limits.Events, cfg.Limits.Alerts = int64(c.MaxBytes), int64(c.AlertBytes)
	cfg.MaxBodyBytes = int(d.cfg.Webhook.MaxBody)
	cfg.Sync, _ = syncPolicy(c.Sync)
	if len(c.URLs) > 0 {
		return cfg, d.clusterAuth(&cfg, c)
	}
	var err error
	if cfg.Dir, err = d.dataDir(); err != nil {
		return cfg, err
	}
	cfg.Agents, err = d.agentListener(c)
	return cfg, err
}

// clusterAuth says how this process shows a cluster who it is.
func (d *Daemon) clusterAuth(cfg *bus.Config, c *config.Bus) error {
	cfg.Auth = bus.Auth{CredsFile: c.CredsFile, NKeyFile: c.NKeyFile, TokenFile: c.TokenFile}
	if c.CA == "" && c.Cert == "" {
		return nil
	}
	files, err := tlsfiles.Client(c.CA, c.Cert, c.Key)
	if err != nil {
		return fmt.Errorf("certificates for the NATS cluster: %w", err)
	}
	cfg.Auth.TLS = files.Config
	d.reloads.addCertificates("the certificates for the NATS cluster", files)
	return nil
}

// agentListener is where agents come in; nil: nowhere.
func (d *Daemon) agentListener(c *config.Bus) (*bus.Listener, error) {
	if c.Listen == "" {
		return nil, nil
	}
	files, err := tlsfiles.Server(c.Cert, c.Key, "")
	if err != nil {
		return nil, fmt.Errorf("certificate for agents: %w", err)
	}
	d.reloads.addCertificates("the certificate for agents", files)
	l := &bus.Listener{Address: c.Listen, TLS: files.Config(), KeysFile: c.AgentKeys, TailNodes: c.TailNodes, Cluster: d.cfg.Cluster}
	if !c.TokenReview {
		return l, nil
	}
	reviewer, err := kubeauth.NewCluster("")
	if err != nil {
		return nil, fmt.Errorf("bus.tokenReview: %w", err)
	}
	auth := kubeauth.DefaultConfig()
	if namespace, name, ok := strings.Cut(c.AgentOf, "/"); ok {
		auth.Namespace, auth.ServiceAccount = namespace, name
	}
	tokens, err := kubeauth.New(auth, reviewer)
	if err != nil {
		return nil, configError{fmt.Errorf("bus.tokenReview: %w", err)}
	}
	l.Authenticate, d.tokens = tokens.Authenticate, tokens
	return l, nil
}
