package nats

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/parallax-sec/parallax/tlsfiles"
)

// connect begins to connect.
func connect(cfg Config) (*nats.Conn, error) {
	opts, err := login(cfg)
	if err != nil {
		return nil, err
	}
	files, err := tlsfiles.Client(cfg.CAFile, cfg.CertFile, cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	opts = append(opts, lasting(cfg)...)
	if cfg.CAFile != "" || cfg.CertFile != "" {
		opts = append(opts, secure(cfg, files))
	}
	return nats.Connect(strings.Join(cfg.URLs, ","), opts...)
}

// lasting makes a connection that is made again for ever. Nothing is kept back while there is none: whoever writes is told.
func lasting(cfg Config) []nats.Option {
	log := cfg.log()
	return []nats.Option{
		nats.Name("parallax"), nats.Timeout(cfg.Timeout), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(cfg.Reconnect), nats.ReconnectJitter(cfg.Reconnect, cfg.Reconnect), nats.ReconnectBufSize(-1),
		nats.PingInterval(20 * time.Second), nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("the connection is lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("connected again", "server", c.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("the server refuses something", "error", err)
		}),
	}
}

// login says who we are. The files are read for each connection.
func login(cfg Config) ([]nats.Option, error) {
	var opts []nats.Option
	for _, file := range []string{cfg.CredsFile, cfg.NKeyFile, cfg.TokenFile} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
	}
	if cfg.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(cfg.CredsFile))
	}
	if cfg.NKeyFile != "" {
		nkey, err := nats.NkeyOptionFromSeed(cfg.NKeyFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cfg.NKeyFile, err)
		}
		opts = append(opts, nkey)
	}
	if cfg.TokenFile != "" {
		opts = append(opts, nats.TokenHandler(func() string { return readToken(cfg.TokenFile) }))
	}
	return opts, nil
}

// readToken returns nothing where there is no token: the server refuses that, and it is read again.
func readToken(file string) string {
	b, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(b))
}

// secure is TLS with what the files hold when a connection begins.
func secure(cfg Config, files *tlsfiles.Files) nats.Option {
	reload := func() {
		if err := files.Reload(); err != nil {
			cfg.log().Warn("changed certificate files are not taken", "error", err)
		}
	}
	return func(o *nats.Options) error {
		o.Secure = true
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		o.RootCAsCB = func() (*x509.CertPool, error) {
			reload()
			return files.CAs(), nil
		}
		if cfg.CertFile != "" {
			o.TLSCertCB = func() (tls.Certificate, error) {
				reload()
				return *files.Certificate(), nil
			}
		}
		return nil
	}
}
