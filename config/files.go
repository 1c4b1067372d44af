package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Files says which of the files that c names cannot be read, all at once. A folder of the webhook is to hold what
// 'parallax setup webhook' writes.
func (c *Config) Files() error {
	w, f, b := c.WebhookFiles(), &c.Falco, &c.Bus
	named := []struct{ key, path string }{
		{"webhook.certFile", w.Cert},
		{"webhook.keyFile", w.Key},
		{"webhook.clientCAFile", w.ClientCA},
		{"webhook.tokenFile", w.TokenFile},
		{"falco.tokenFile", f.TokenFile},
		{"falco.grpcCertFile", f.GRPCCert},
		{"falco.grpcKeyFile", f.GRPCKey},
		{"falco.grpcCAFile", f.GRPCCA},
		{"bus.credsFile", b.CredsFile},
		{"bus.nkeyFile", b.NKeyFile},
		{"bus.tokenFile", b.TokenFile},
		{"bus.caFile", b.CA},
		{"bus.certFile", b.Cert},
		{"bus.keyFile", b.Key},
		{"bus.agentKeysFile", b.AgentKeys},
	}
	for i := range c.Sinks {
		s := &c.Sinks[i]
		for key, path := range map[string]string{
			"credsFile": s.CredsFile, "nkeyFile": s.NKeyFile, "headersFile": s.Headers, "tokenFile": s.TokenFile, "secretFile": s.SecretFile,
			"caFile": s.CA, "certFile": s.Cert, "keyFile": s.Key,
		} {
			named = append(named, struct{ key, path string }{fmt.Sprintf("sinks[%d].%s", i, key), path})
		}
	}
	var errs []error
	for _, n := range named {
		if n.path == "" {
			continue
		}
		if file, err := os.Open(n.path); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", n.key, err))
		} else {
			file.Close()
		}
	}
	return errors.Join(errs...)
}

// WebhookFiles is the webhook section with the files that its folder stands for, where they are not given.
func (c *Config) WebhookFiles() Webhook {
	w := c.Webhook
	if w.Dir == "" {
		return w
	}
	if w.Cert == "" {
		w.Cert, w.Key = filepath.Join(w.Dir, "server.crt"), filepath.Join(w.Dir, "server.key")
	}
	if w.ClientCA == "" {
		w.ClientCA = filepath.Join(w.Dir, "ca.crt")
	}
	return w
}
