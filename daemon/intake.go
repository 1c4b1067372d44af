package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/webhook"
	"github.com/parallax-sec/parallax/tlsfiles"
)

// auditStore puts what API servers send into the stream. It implements webhook.Store.
type auditStore struct{ bus *bus.Bus }

// Store returns when the body is in the stream.
func (s auditStore) Store(ctx context.Context, b webhook.Body) error {
	_, err := s.bus.Publish(ctx, bus.Message{Kind: event.BatchAudit, Source: []string{b.Cluster, b.Source}, Data: b.Data, Dedupe: true})
	return err
}

// Quarantine keeps a body that cannot hold events.
func (s auditStore) Quarantine(ctx context.Context, b webhook.Body, reason string) error {
	f := event.Fault{Origin: "audit/" + b.Cluster + "/" + b.Source, Reason: reason, Data: b.Data}
	return s.bus.Quarantine(ctx, f, event.BatchAudit, 0)
}

// webhookPart is the audit webhook backend.
type webhookPart struct {
	server   *webhook.Server
	listener net.Listener
}

// start answers requests.
func (w *webhookPart) start(d *Daemon, s *stage) {
	d.ready.reached("webhook", "audit webhook at https://"+w.listener.Addr().String()+"/audit")
	s.start("audit webhook", func(ctx context.Context) error { return w.server.Run(ctx, w.listener) })
}

// openWebhook listens, so that it is told at once when the address cannot be had.
func (d *Daemon) openWebhook(context.Context) error {
	w := d.cfg.WebhookFiles()
	if w.Listen == "" {
		return nil
	}
	files, err := tlsfiles.Server(w.Cert, w.Key, w.ClientCA)
	if errors.Is(err, fs.ErrNotExist) {
		return configError{fmt.Errorf("audit webhook: %w ('parallax setup webhook' makes the files)", err)}
	}
	if err != nil {
		return fmt.Errorf("audit webhook: %w", err)
	}
	cfg := webhook.DefaultConfig()
	cfg.TLS, cfg.TokenFile, cfg.MaxBodyBytes, cfg.Log = files.Config(), w.TokenFile, int64(w.MaxBody), d.s.Log
	if w.TokenFile != "" || d.falcoHandler() != nil {
		cfg.TLS = files.ConfigOptional()
	}
	cfg.Other = d.falcoHandler()
	cfg.MaxInFlightBytes = max(cfg.MaxInFlightBytes, 2*cfg.MaxBodyBytes)
	server, err := webhook.New(cfg, auditStore{d.bus})
	if err != nil {
		return configError{err}
	}
	listener, err := net.Listen("tcp", w.Listen)
	if err != nil {
		return fmt.Errorf("audit webhook: %w", err)
	}
	d.open.add(closeListener(listener))
	d.webhook = &webhookPart{server, listener}
	d.ready.expect("webhook")
	d.reloads.addCertificates("the webhook's certificates", files)
	return nil
}

// closeListener closes a listener that nothing serves any more, or never did.
func closeListener(l net.Listener) func() error {
	return func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	}
}
