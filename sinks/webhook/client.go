package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/parallax-sec/parallax/tlsfiles"
)

// maxHeaderBytes bounds the headers of an answer.
const maxHeaderBytes = 64 << 10

// newClient returns a client that follows no redirect and keeps no cookies. Files of TLS are read anew for each connection.
func newClient(cfg Config) (*http.Client, error) {
	files, err := tlsfiles.Client(cfg.CAFile, cfg.CertFile, cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	dialTLS := func(ctx context.Context, network, address string) (net.Conn, error) {
		if err := files.Reload(); err != nil {
			cfg.log().Warn("changed certificate files are not taken", "error", err)
		}
		return files.Dial(ctx, network, address)
	}
	dialer := &net.Dialer{Timeout: cfg.Timeout, KeepAlive: 30 * time.Second}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            dialer.DialContext,
			DialTLSContext:         dialTLS,
			TLSClientConfig:        files.Config(), // through a proxy
			ResponseHeaderTimeout:  cfg.Timeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
			IdleConnTimeout:        90 * time.Second,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// proxy is that of the environment. Its error would show the proxy's password.
func proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if err != nil {
		return nil, errors.New("the proxy that the environment names is no URL")
	}
	return u, nil
}
