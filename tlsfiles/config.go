package tlsfiles

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
)

// Config returns a configuration for TLS 1.2 and later.
//
// A server's takes the set that is in force when a connection begins; with client CAs a client must show a certificate of theirs. It offers HTTP/2 and
// HTTP/1.1 to clients that ask for a protocol. Sessions are not resumed, so that a client is checked against the CAs of today each time.
//
// A client's takes the certificate that is in force when a connection begins, and the CAs as they are when Config is called: for
// CAs that are followed, use Dial, or call Config for each connection.
func (f *Files) Config() *tls.Config {
	if f.server {
		return f.serverConfig(tls.RequireAndVerifyClientCert)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: f.CAs()}
	if f.names.cert != "" {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return f.Certificate(), nil }
	}
	return c
}

// ConfigOptional returns a server's configuration as Config does, but a client may show no certificate (it then has another
// proof, a token say). One that it does show must be good. It is for servers only.
func (f *Files) ConfigOptional() *tls.Config { return f.serverConfig(tls.VerifyClientCertIfGiven) }

func (f *Files) serverConfig(auth tls.ClientAuthType) *tls.Config {
	if f.names.ca == "" {
		auth = tls.NoClientCert
	}
	c := f.snapshot(auth)
	c.Certificates = nil
	c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.Certificate(), nil }
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return f.snapshot(auth), nil }
	return c
}

// snapshot is a server's configuration with the set that is in force now.
func (f *Files) snapshot(auth tls.ClientAuthType) *tls.Config {
	s := f.inUse.Load()
	return &tls.Config{
		MinVersion:             tls.VersionTLS12,
		Certificates:           []tls.Certificate{*s.cert},
		ClientAuth:             auth,
		ClientCAs:              s.cas,
		NextProtos:             []string{"h2", "http/1.1"},
		SessionTicketsDisabled: true,
	}
}

// Dial makes a client's TLS connection with the set that is in force now, certificate and CAs. It has the form of
// http.Transport.DialTLSContext; the server must have a certificate for the host of address.
func (f *Files) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	c := f.Config()
	c.ServerName = host
	return (&tls.Dialer{Config: c}).DialContext(ctx, network, address)
}
