package daemon

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/falco/intake"
	"github.com/parallax-sec/parallax/tlsfiles"
)

// falcoPart is where Falco's alerts come in, but for its files.
type falcoPart struct {
	handler  *intake.Handler // nil: none is taken over HTTP
	server   *intake.Server
	listener net.Listener // nil: only on the webhook's
	grpc     *intake.GRPC
}

// storeFalco puts an alert of Falco's into the stream.
func (d *Daemon) storeFalco(ctx context.Context, sender string, alert []byte) error {
	_, err := d.bus.Publish(ctx, bus.Message{Kind: event.BatchFalco, Source: []string{sender}, Data: alert, Dedupe: true})
	return err
}

// openFalco prepares what the configuration names.
func (d *Daemon) openFalco(context.Context) error {
	c := &d.cfg.Falco
	d.falco = &falcoPart{}
	if c.Listen != "" || c.TokenFile != "" {
		if err := d.falcoHTTP(); err != nil {
			return fmt.Errorf("alerts of Falco over HTTP: %w", err)
		}
	}
	if c.GRPC == "" {
		return nil
	}
	cfg := intake.DefaultGRPCConfig()
	cfg.Target, cfg.Log = c.GRPC, d.s.Log
	if c.GRPCCert != "" || c.GRPCCA != "" {
		files, err := tlsfiles.Client(c.GRPCCA, c.GRPCCert, c.GRPCKey)
		if err != nil {
			return fmt.Errorf("gRPC of Falco: %w", err)
		}
		cfg.TLS = files.Config()
	}
	var err error
	if d.falco.grpc, err = intake.NewGRPC(cfg, d.storeFalco); err != nil {
		return configError{err}
	}
	return nil
}

// falcoHTTP prepares to take alerts at an address of their own, and at the webhook's.
func (d *Daemon) falcoHTTP() error {
	c := &d.cfg.Falco
	cfg := intake.DefaultHandlerConfig()
	cfg.Log = d.s.Log
	if c.TokenFile == "" && isLoopback(c.Listen) {
		cfg.Anyone = intake.DefaultSender
	}
	d.falco.handler = intake.NewHandler(cfg, d.storeFalco)
	if c.TokenFile != "" {
		read := func() error { return readSenders(c.TokenFile, d.falco.handler) }
		if err := read(); err != nil {
			return err
		}
		d.reloads.add("Falco's tokens", read, c.TokenFile)
	}
	if c.Listen == "" {
		return nil
	}
	d.falco.server = &intake.Server{Handler: d.falco.handler, Drain: d.cfg.Ops.Drain / 2}
	if !isLoopback(c.Listen) {
		w := d.cfg.WebhookFiles()
		files, err := tlsfiles.Server(w.Cert, w.Key, w.ClientCA)
		if err != nil {
			return err
		}
		d.falco.server.TLS = files.ConfigOptional()
		d.reloads.addCertificates("the certificates for Falco", files)
	}
	var err error
	if d.falco.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return err
	}
	d.open.add(closeListener(d.falco.listener))
	d.ready.expect("falco")
	return nil
}

// readSenders reads who may send with which token.
func readSenders(file string, h *intake.Handler) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	senders, err := intake.ParseSenders(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	h.SetSenders(senders)
	return nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// falcoHandler answers on the webhook's address what is not for the webhook; nil: nothing does.
func (d *Daemon) falcoHandler() http.Handler {
	if d.falco == nil || d.falco.handler == nil {
		return nil
	}
	return d.falco.handler
}

// start starts what takes in.
func (f *falcoPart) start(d *Daemon, s *stage) {
	if f == nil {
		return
	}
	if f.listener != nil {
		d.ready.reached("falco", "Falco's alerts at "+f.listener.Addr().String())
		s.start("Falco's alerts over HTTP", func(ctx context.Context) error { return f.server.Run(ctx, f.listener) })
	}
	if f.grpc != nil {
		s.start("Falco's gRPC", f.grpc.Run)
	}
}
