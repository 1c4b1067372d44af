package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Validate says what in c cannot be, all at once. It looks at no file.
func (c *Config) Validate() error {
	v := &validator{}
	v.name("cluster", c.Cluster)
	v.positive("reorder", c.Reorder)
	v.oneOf("rules.matching", c.Rules.Matching, "all", "first")
	v.oneOf("tail.from", c.Tail.From, "live", "oldest", "end")
	v.oneOf("sensor.enabled", c.Sensor.Enabled, "auto", "yes", "no", "true", "false")
	v.oneOf("output.format", c.Output.Format, "", "json", "text")
	v.oneOf("log.format", c.Log.Format, "text", "json")
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	v.sync("bus.sync", c.Bus.Sync)
	v.sync("output.sync", c.Output.Sync, "never")
	v.positive("bus.retention", c.Bus.Retention)
	v.positive("ops.drain", c.Ops.Drain)
	v.webhook(&c.Webhook)
	v.bus(&c.Bus)
	v.falco(c)
	v.address("ops.listen", c.Ops.Listen)
	v.sinks(c.Sinks)
	return errors.Join(v.errs...)
}

type validator struct{ errs []error }

func (v *validator) say(format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf(format, args...))
}

// name refuses what would be unclear in a path, a subject or a certificate.
func (v *validator) name(key, s string) {
	ok := s != "" && len(s) <= 63
	for _, r := range s {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r))
	}
	if !ok {
		v.say("%s: %q: want 1 to 63 letters, digits, - _ or .", key, s)
	}
}

func (v *validator) oneOf(key, s string, words ...string) {
	if !slices.Contains(words, s) {
		words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
		v.say("%s: %q: want %s", key, s, strings.Join(words, ", "))
	}
}

func (v *validator) positive(key string, d time.Duration) {
	if d <= 0 {
		v.say("%s: %v: want a duration above 0", key, d)
	}
}

// sync checks a word that says when files are synced.
func (v *validator) sync(key, s string, words ...string) {
	if s == "always" || slices.Contains(words, s) {
		return
	}
	if d, err := time.ParseDuration(s); err != nil || d <= 0 {
		v.say("%s: %q: want %s or a duration (2s)", key, s, strings.Join(append([]string{"always"}, words...), ", "))
	}
}

// address checks where something listens.
func (v *validator) address(key, s string) {
	if _, _, err := net.SplitHostPort(s); s != "" && err != nil {
		v.say("%s: %q: want ADDRESS:PORT", key, s)
	}
}

func (v *validator) webhook(w *Webhook) {
	v.address("webhook.listen", w.Listen)
	if w.MaxBody <= 0 {
		v.say("webhook.maxBody: want more than 0")
	}
	if (w.Cert == "") != (w.Key == "") {
		v.say("webhook: certFile and keyFile go together")
	}
	if w.Listen == "" {
		return
	}
	if w.Dir == "" && w.Cert == "" {
		v.say("webhook.listen: API servers want TLS: give webhook.dir (from 'parallax setup webhook'), or certFile and keyFile")
	}
	if w.Dir == "" && w.ClientCA == "" && w.TokenFile == "" {
		v.say("webhook.listen: anybody could write events: give webhook.dir, clientCAFile or tokenFile")
	}
}

func (v *validator) bus(b *Bus) {
	v.address("bus.listen", b.Listen)
	for _, u := range b.URLs {
		v.secret("bus.urls", u)
		if parsed, err := url.Parse(u); err != nil || parsed.Host == "" || !slices.Contains([]string{"nats", "tls"}, parsed.Scheme) {
			v.say("bus.urls: want nats://HOST:4222 or tls://HOST:4222")
		}
	}
	if len(b.URLs) > 0 && b.Listen != "" {
		v.say("bus: listen is of the embedded server, which there is not where urls are given")
	}
	if b.Listen != "" && (b.Cert == "" || b.Key == "") {
		v.say("bus.listen: agents want TLS: give bus.certFile and keyFile")
	}
	if b.Listen != "" && b.AgentKeys == "" && !b.TokenReview {
		v.say("bus.listen: no agent could come in: give bus.agentKeysFile, or tokenReview")
	}
	if b.MaxBytes < 16<<20 || b.AlertBytes < 16<<20 {
		v.say("bus: maxBytes and alertBytes want at least 16MiB")
	}
}

func (v *validator) falco(c *Config) {
	f := &c.Falco
	v.address("falco.listen", f.Listen)
	if host, _, err := net.SplitHostPort(f.Listen); err == nil && !isLoopback(host) && f.TokenFile == "" && c.Webhook.ClientCA == "" && c.Webhook.Dir == "" {
		v.say("falco.listen: anybody could write alerts: give falco.tokenFile, or a client CA of the webhook")
	}
	if (f.GRPCCert == "") != (f.GRPCKey == "") {
		v.say("falco: grpcCertFile and grpcKeyFile go together")
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (v *validator) sinks(all []Sink) {
	names := map[string]bool{"output": true}
	for i := range all {
		s := &all[i]
		if s.Name == "" {
			s.Name = s.Type
		}
		at := fmt.Sprintf("sinks[%d] (%s)", i, s.Name)
		v.name(at+" name", s.Name)
		if names[s.Name] {
			v.say("%s: the name is taken", at)
		}
		names[s.Name] = true
		v.sink(at, s)
	}
}

func (v *validator) sink(at string, s *Sink) {
	v.oneOf(at+" minSeverity", s.MinSeverity, "", "low", "medium", "high", "critical")
	if s.Sync != "" {
		v.sync(at+" sync", s.Sync, "never")
	}
	switch s.Type {
	case "file":
		v.needs(at, "file", s.File)
	case "nats":
		v.needs(at, "urls", strings.Join(s.URLs, ""))
		for _, u := range s.URLs {
			v.secret(at+" urls", u)
		}
		v.oneOf(at+" jetStream", s.JetStream, "", "auto", "always", "never")
	case "webhook":
		v.needs(at, "url or urlFile", s.URL+s.URLFile)
		v.secret(at+" url", s.URL)
		v.oneOf(at+" format", s.Format, "", "json", "alertmanager", "falco")
	default:
		v.say("%s: type %q: want file, nats or webhook", at, s.Type)
	}
}

// secret refuses an address with a password in it, which a configuration is no place for. It does not repeat it.
func (v *validator) secret(key, address string) {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		v.say("%s: there is a name or password in an address: credentials belong into a file (tokenFile, credsFile, nkeyFile, urlFile)", key)
	}
}

func (v *validator) needs(at, key, value string) {
	if value == "" {
		v.say("%s: %s is missing", at, key)
	}
}
