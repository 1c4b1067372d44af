package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// auditPath is where Parallax takes audit events; the names of cluster and API server stand behind it.
const auditPath = "/audit"

// Organization is the O of every client certificate of an API server.
const Organization = "parallax:apiserver"

// Default is the name of a cluster, and of an API server, that was not given one.
const Default = "default"

// serverName is what a client that connects to an address, not a name, wants to find in the server's certificate. So the
// certificate stays good when the address changes.
const serverName = "parallax-webhook"

// maxCommonName is the bound of X.520 for a common name (ub-common-name).
const maxCommonName = 64

// Config says what is to be made.
type Config struct {
	Dir        string
	URL        string   // where the API servers reach Parallax: https://HOST[:PORT][/audit]
	Cluster    string   // empty: Default
	APIServers []string // names; none: one API server, Default
	SANs       []string // further names and addresses of the server
	ServerName string   // the name that API servers want in its certificate; empty: the URL's host, or a fixed one for an address
	NewCA      bool     // make a CA even where there is one; everything that it signs is made anew
}

// validName keeps a name usable as a file's, a path's and a subject's part.
var validName = regexp.MustCompile(`^[a-z0-9A-Z]([a-z0-9A-Z._-]*[a-z0-9A-Z])?$`)

// Validate returns all that is wrong with c.
func (c *Config) Validate() error {
	_, err := c.parseURL()
	faults := []error{err}
	if c.Dir == "" {
		faults = append(faults, errors.New("no folder is given"))
	}
	for i, name := range c.APIServers {
		faults = append(faults, c.checkName(name))
		if slices.Contains(c.APIServers[:i], name) {
			faults = append(faults, fmt.Errorf("API server %q is named twice", name))
		}
	}
	if len(c.APIServers) == 0 {
		faults = append(faults, c.checkName(Default))
	}
	for _, host := range c.SANs {
		faults = append(faults, checkHost(host))
	}
	if c.ServerName != "" {
		faults = append(faults, checkDNS(c.ServerName))
	}
	return errors.Join(faults...)
}

func (c *Config) checkName(name string) error {
	for _, part := range []string{c.cluster(), name} {
		if !validName.MatchString(part) {
			return fmt.Errorf("name %q: want letters, digits, and - _ . between them", part)
		}
	}
	if full := c.cluster() + "/" + name; len(full) > maxCommonName {
		return fmt.Errorf("name %q: a certificate takes %d characters, cluster, slash and name together", full, maxCommonName)
	}
	return nil
}

func (c *Config) cluster() string {
	if c.Cluster == "" {
		return Default
	}
	return c.Cluster
}

// parseURL reads the URL and sees to it that it has a path.
func (c *Config) parseURL() (*url.URL, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return nil, fmt.Errorf("want https://HOST[:PORT]/audit: %w", err)
	case u.Scheme != "https" || u.Opaque != "":
		return nil, fmt.Errorf("URL %q: want https://HOST[:PORT]/audit", c.URL)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, fmt.Errorf("URL %q: may have a host, a port and a path only", c.URL)
	}
	if err := checkHost(u.Hostname()); err != nil {
		return nil, fmt.Errorf("URL %q: %w", c.URL, err)
	}
	if port := u.Port(); port != "" {
		if n, err := net.LookupPort("tcp", port); err != nil || n == 0 {
			return nil, fmt.Errorf("URL %q: no such port", c.URL)
		}
	}
	if p := path.Clean("/" + u.Path); p != "/" && p != auditPath {
		return nil, fmt.Errorf("URL %q: its path is %s, and Parallax takes events at %s only (cluster and API server come behind that by themselves)", c.URL, p, auditPath)
	}
	u.Path, u.RawPath = auditPath, ""
	return u, nil
}

func checkHost(host string) error {
	if net.ParseIP(host) != nil {
		return nil
	}
	return checkDNS(host)
}

var dnsLabel = regexp.MustCompile(`^[a-z0-9A-Z]([a-z0-9A-Z-]{0,61}[a-z0-9A-Z])?$`)

func checkDNS(name string) error {
	labels := strings.Split(name, ".")
	for i, l := range labels {
		wildcard := l == "*" && i == 0 && len(labels) > 2
		if !dnsLabel.MatchString(l) && !wildcard {
			return fmt.Errorf("%q: not the name of a host, and not an IP address", name)
		}
	}
	if len(name) > 253 {
		return fmt.Errorf("name of a host with %d characters: 253 are allowed", len(name))
	}
	return nil
}
