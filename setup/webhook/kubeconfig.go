package webhook

import (
	"fmt"

	"github.com/parallax-sec/parallax/setup/pki"
)

// The parts of a kubeconfig (k8s.io/client-go/tools/clientcmd/api/v1 Config) that an audit webhook's has.
type (
	kubeconfig struct {
		APIVersion     string         `yaml:"apiVersion"`
		Kind           string         `yaml:"kind"`
		Clusters       []namedCluster `yaml:"clusters"`
		Users          []namedUser    `yaml:"users"`
		Contexts       []namedContext `yaml:"contexts"`
		CurrentContext string         `yaml:"current-context"`
	}
	namedCluster struct {
		Name    string  `yaml:"name"`
		Cluster cluster `yaml:"cluster"`
	}
	cluster struct {
		Server        string `yaml:"server"`
		TLSServerName string `yaml:"tls-server-name,omitempty"`
		CAData        binary `yaml:"certificate-authority-data"`
	}
	namedUser struct {
		Name string `yaml:"name"`
		User user   `yaml:"user"`
	}
	user struct {
		CertData binary `yaml:"client-certificate-data"`
		KeyData  binary `yaml:"client-key-data"`
	}
	namedContext struct {
		Name    string  `yaml:"name"`
		Context context `yaml:"context"`
	}
	context struct {
		Cluster string `yaml:"cluster"`
		User    string `yaml:"user"`
	}
)

// kubeconfig writes the client's, with all it needs in it.
func (c *Client) kubeconfig(ca []byte, pair pki.Pair, verifyAs string) ([]byte, error) {
	who := c.Cluster + "/" + c.Name
	text, err := toYAML(kubeconfig{
		APIVersion:     "v1",
		Kind:           "Config",
		Clusters:       []namedCluster{{"parallax", cluster{c.URL, verifyAs, ca}}},
		Users:          []namedUser{{who, user{pair.Cert, pair.Key}}},
		Contexts:       []namedContext{{"parallax", context{"parallax", who}}},
		CurrentContext: "parallax",
	})
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf("# The API server %s sends its audit events to Parallax by this file (--audit-webhook-config-file). It holds a key.\n", who)
	return []byte(head + text), nil
}
