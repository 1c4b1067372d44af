package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
)

func TestSetupAgents(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "agents")
	args := []string{"setup", "agents", "--dir", dir, "--node", "n1", "--tail-node", "cp.example.com"}
	cli(t, append(args, "--dry-run")...).want(t, exitDone, "Nothing is done", "make     node-n1.nk")
	if _, err := os.Stat(dir); err == nil {
		t.Error("--dry-run made the folder")
	}
	cli(t, args...).want(t, exitDone, "make     agents.keys", "2 nodes have a key")
	cli(t, args...).want(t, exitDone, "keep     agents.keys")
	cli(t, "setup", "agents", "--dir", dir, "--revoke", "n1").want(t, exitDone, "revoked", "1 nodes have a key")
	cli(t, "setup", "agents", "--dir", dir).want(t, exitUsage, "--dir is needed")
	cli(t, "setup", "agents", "--dir", dir, "--node", "a b").want(t, exitUsage, "not the name of a node")
}

// A server with the configuration that is made lets the hub do all it has to, and an agent what it may.
func TestSetupAgentsForServers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "agents")
	cli(t, "setup", "agents", "--dir", dir, "--node", "n1", "--node", "n2", "--tail-node", "cp.example.com", "--cluster", "prod").want(t, exitDone)
	url := startNATS(t, dir)

	cfg := bus.DefaultConfig()
	cfg.URLs, cfg.Auth.NKeyFile = []string{url}, filepath.Join(dir, "hub.nk")
	cfg.Limits = bus.Limits{Events: 1 << 24, Alerts: 1 << 24, Facts: 1 << 24, Dead: 1 << 24, Quarantine: 1 << 24}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	hub, err := bus.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close(ctx)
	gate, err := hub.Gate(bus.DefaultGateConfig(cfg.Limits))
	if err != nil {
		t.Fatal(err)
	}
	go gate.Run(ctx)

	n1, cp := dialAgent(t, url, dir, "n1"), dialAgent(t, url, dir, "cp.example.com")
	ours := bus.Message{Kind: event.BatchMatches, Source: []string{"n1"}, Data: []byte("x")}
	log := bus.Message{Kind: event.BatchAudit, Source: []string{"prod", "cp.example.com"}, Data: []byte("x")}
	if err := n1.Publish(ctx, ours); err != nil {
		t.Error(err)
	}
	if err := cp.Publish(ctx, log); err != nil {
		t.Error(err)
	}
	if n1.Publish(ctx, log) == nil || cp.Publish(ctx, ours) == nil {
		t.Error("an agent published as another node")
	}
	if s, err := hub.Status(ctx); err != nil || s.Streams[0].Messages != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

// startNATS starts a server that knows the users in dir, and returns its address.
func startNATS(t *testing.T, dir string) string {
	t.Helper()
	conf := filepath.Join(dir, "nats.conf")
	text := fmt.Sprintf("listen: 127.0.0.1:-1\njetstream { store_dir: %q }\ninclude \"nats-authorization.conf\"\n", t.TempDir())
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	opts, err := server.ProcessConfigFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	opts.NoSigs, opts.NoLog = true, true
	s, err := server.NewServer(opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not get ready")
	}
	return s.ClientURL()
}

func dialAgent(t *testing.T, url, dir, node string) *bus.Agent {
	t.Helper()
	a, err := bus.DialAgent(t.Context(), bus.AgentConfig{
		Node: node, URLs: []string{url}, Auth: bus.Auth{NKeyFile: filepath.Join(dir, "node-"+node+".nk")}, Timeout: 500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}
