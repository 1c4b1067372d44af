package webhook

import (
	"net"
	"net/url"
	"slices"

	"github.com/parallax-sec/parallax/setup/pki"
)

// Client is one API server, as Parallax will know it.
type Client struct {
	Cluster, Name string
	URL           string // where it sends its events
	Kubeconfig    string // names of its files in the folder
	Cert, Key     string
}

// clients returns the API servers in the order in which they were named.
func (c *Config) clients(u *url.URL) []Client {
	if len(c.APIServers) == 0 {
		plain := Client{
			Cluster: c.cluster(), Name: Default, URL: u.String(),
			Kubeconfig: KubeconfigFile, Cert: "client.crt", Key: "client.key",
		}
		if c.Cluster != "" {
			plain.URL = u.JoinPath(plain.Cluster, plain.Name).String()
		}
		return []Client{plain}
	}
	var out []Client
	for _, name := range c.APIServers {
		out = append(out, Client{
			Cluster: c.cluster(), Name: name, URL: u.JoinPath(c.cluster(), name).String(),
			Kubeconfig: "webhook-kubeconfig-" + name + ".yaml", Cert: "client-" + name + ".crt", Key: "client-" + name + ".key",
		})
	}
	return out
}

// leaf is what the client's certificate says.
func (c *Client) leaf() pki.Leaf {
	return pki.Leaf{CommonName: c.Cluster + "/" + c.Name, Organization: Organization}
}

// verifyAs is the name that API servers want in the server's certificate, empty where it is the URL's host.
func (c *Config) verifyAs(u *url.URL) string {
	switch {
	case c.ServerName != "":
		return c.ServerName
	case net.ParseIP(u.Hostname()) != nil:
		return serverName
	}
	return ""
}

// serverLeaf is what the server's certificate says.
func (c *Config) serverLeaf(u *url.URL) pki.Leaf {
	hosts := []string{u.Hostname()}
	if name := c.verifyAs(u); name != "" && name != hosts[0] {
		hosts = append(hosts, name)
	}
	return pki.Leaf{CommonName: serverName, Organization: "parallax", Hosts: slices.Concat(hosts, c.SANs)}
}
