package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// The formats.
const (
	FormatJSON         = "json"
	FormatAlertmanager = "alertmanager"
	FormatFalco        = "falco"
)

// Config says where alerts are posted and how. All files are read anew when they have changed.
type Config struct {
	URL     string
	URLFile string // holds the URL where that is a secret itself; instead of URL
	Format  string // FormatJSON, FormatAlertmanager or FormatFalco
	// Array posts an array of documents instead of one at a time (FormatJSON).
	Array bool

	HeadersFile string // one header a line, NAME: VALUE; empty: none
	TokenFile   string // bearer token; empty: none
	// SecretFile holds the key of a signature of the body (HMAC-SHA256) in the header X-Parallax-Signature; empty: none. With
	// SignTime the time of the request, in X-Parallax-Timestamp, is signed too, so that a server can refuse old ones.
	SecretFile string
	SignTime   bool

	CAFile            string // who signed the server's certificate; empty: those that the system trusts
	CertFile, KeyFile string // the client's certificate; empty: none

	Timeout time.Duration // of one request
	// Firing is how long an alert stands in Alertmanager before it counts as resolved.
	Firing time.Duration
	// Hostname is what Falco's format says of events that are of no node.
	Hostname string

	Log *slog.Logger // told when files have changed; nil: nobody
}

// DefaultConfig posts ECS documents, waits 10 s for an answer, and lets alerts stand for an hour.
func DefaultConfig() Config {
	return Config{Format: FormatJSON, Timeout: 10 * time.Second, Firing: time.Hour, Hostname: "parallax"}
}

// Validate says what is wrong.
func (c Config) Validate() error {
	if err := c.checkURL(); err != nil {
		return err
	}
	switch {
	case c.Format != FormatJSON && c.Format != FormatAlertmanager && c.Format != FormatFalco:
		return fmt.Errorf("the format must be %s, %s or %s, not %q", FormatJSON, FormatAlertmanager, FormatFalco, c.Format)
	case c.Array && c.Format != FormatJSON:
		return fmt.Errorf("arrays are for the format %s", FormatJSON)
	case (c.CertFile == "") != (c.KeyFile == ""):
		return errors.New("a client's certificate and its key come together: one of them is missing")
	case c.SignTime && c.SecretFile == "":
		return errors.New("a time is signed with a secret: none is named")
	case c.Timeout <= 0 || c.Firing <= 0:
		return errors.New("times must be more than 0")
	}
	return nil
}

func (c Config) checkURL() error {
	switch {
	case (c.URL == "") == (c.URLFile == ""):
		return errors.New("name a URL, or a file that holds it")
	case c.URLFile != "":
		return nil
	}
	u, err := parseURL(c.URL)
	if err != nil {
		return err
	}
	if u.User != nil {
		return errors.New("a URL with a password belongs into a file")
	}
	return nil
}

// parseURL reads a URL that may hold secrets: its error tells nothing of it.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("the URL is to be http://HOST/PATH or https://HOST/PATH")
	}
	return u, nil
}

func (c Config) log() *slog.Logger { return cmp.Or(c.Log, slog.New(slog.DiscardHandler)) }
