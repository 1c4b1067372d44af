//go:build servers

package servers

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// natsProgram builds nats-server, of the version that we are built with.
func natsProgram(t *testing.T) string {
	t.Helper()
	path := filepath.Join(keep, "nats-server")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if out, err := exec.Command("go", "build", "-o", path, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("build nats-server: %v\n%s", err, out)
	}
	return path
}

// natsServer is one of the servers of a cluster.
type natsServer struct {
	program, config, url, health string
	process                      *rig.Process
}

// natsConfig is a server's configuration; what is in it of users, `parallax setup agents` has written.
const natsConfig = `server_name: %s
listen: %s
http: %s
cluster { name: parallax, listen: %s, routes: [%s] }
jetstream { store_dir: %q, max_file_store: 20GB }
tls { cert_file: %q, key_file: %q }
include "nats-authorization.conf"
`

// startCluster starts three servers. keys is the folder of `parallax setup agents`, hook that of the certificates.
func startCluster(t *testing.T, keys, hook string) []*natsServer {
	t.Helper()
	program := natsProgram(t)
	routes := make([]string, 3)
	for i := range routes {
		routes[i] = rig.FreeAddress(t)
	}
	servers := make([]*natsServer, len(routes))
	for i, route := range routes {
		name, listen, health := fmt.Sprintf("nats-%d", i), rig.FreeAddress(t), rig.FreeAddress(t)
		s := &natsServer{program: program, config: filepath.Join(keys, name+".conf"), url: "tls://" + listen, health: "http://" + health + "/healthz"}
		text := fmt.Sprintf(natsConfig, name, listen, health, route, "nats://"+strings.Join(routes, ", nats://"), t.TempDir(),
			filepath.Join(hook, "server.crt"), filepath.Join(hook, "server.key"))
		if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.start(t)
		servers[i] = s
	}
	for _, s := range servers {
		s.waitHealthy(t)
	}
	return servers
}

func (s *natsServer) start(t *testing.T) {
	t.Helper()
	s.process = rig.Start(t, s.program, nil, "-c", s.config)
}

// waitHealthy waits until a server has all that the others have.
func (s *natsServer) waitHealthy(t *testing.T) {
	t.Helper()
	client := http.Client{Timeout: time.Second}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		answer, err := client.Get(s.health)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("a server does not get healthy: %s", s.process.Said())
		}
	}
}
