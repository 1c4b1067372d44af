//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// deployment is Parallax in a cluster.
type deployment struct {
	*cluster
	hubIP, webhookIP string // addresses of Services
	ca               string // file
	data             string // folder of the hub's volume
}

// deploy does what docs/DEPLOY.md says, on a cluster without DNS and without a provisioner of volumes.
func deploy(t *testing.T, c *cluster) *deployment {
	t.Helper()
	base := filepath.Join(t.TempDir(), "manifests")
	if err := os.CopyFS(base, os.DirFS("../../deploy/manifests")); err != nil {
		t.Fatal(err)
	}
	shell(t, setting(t, "E2E_LOAD"), setting(t, "E2E_ARCHIVE"))
	t.Cleanup(func() {
		if t.Failed() {
			c.tell(t)
		}
		c.remove()
	})

	c.kubectl(t, "apply", "-f", base+"/namespaces.yaml")
	c.kubectl(t, "-n", "parallax", "apply", "-f", base+"/hub/services.yaml")
	d := &deployment{cluster: c, hubIP: c.serviceIP(t, "parallax-hub"), webhookIP: c.serviceIP(t, "parallax-webhook"), ca: base + "/webhook/ca.crt"}
	hook := base + "/webhook"
	if _, err := output(exec.Command(setting(t, "E2E_BINARY"), "setup", "webhook", "--dir", hook, "--url", "https://"+d.webhookIP+":9443/audit",
		"--san", "parallax-hub.parallax.svc")); err != nil {
		t.Fatal(err)
	}
	d.data = c.volume(t)
	writeAlertsToTheVolume(t, base+"/hub/parallax.yaml")
	c.kubectl(t, "apply", "-k", d.overlay(t, base))
	c.kubectl(t, "-n", "parallax", "rollout", "status", "statefulset/parallax-hub", "--timeout=120s")
	c.kubectl(t, "-n", "parallax-agents", "rollout", "status", "daemonset/parallax-agent", "--timeout=120s")
	shell(t, setting(t, "E2E_AUDIT"), hook+"/webhook-kubeconfig.yaml", hook+"/audit-policy.yaml")
	return d
}

func (c *cluster) serviceIP(t testing.TB, name string) string {
	t.Helper()
	return c.kubectl(t, "-n", "parallax", "get", "service", name, "-o", "jsonpath={.spec.clusterIP}")
}

// overlay is what this cluster needs besides: the image, and the hub's name, which no DNS knows.
func (d *deployment) overlay(t testing.TB, base string) string {
	t.Helper()
	dir := filepath.Join(filepath.Dir(base), "overlay")
	name, tag, _ := strings.Cut(setting(t, "E2E_IMAGE"), ":")
	patch := fmt.Sprintf(`[{"op": "add", "path": "/spec/template/spec/hostAliases", "value": [{"ip": %q, "hostnames": ["parallax-hub.parallax.svc"]}]}`, d.hubIP)
	if !has(unix.CAP_SYS_RESOURCE) { // where nobody may have it, and a kernel that does not need it
		patch += `, {"op": "replace", "path": "/spec/template/spec/containers/0/securityContext/capabilities/add", "value": ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH"]}`
	}
	write(t, filepath.Join(dir, "kustomization.yaml"), fmt.Sprintf(`
resources: [../manifests]
images: [{name: ghcr.io/parallax-sec/parallax, newName: %s, newTag: %s}]
patches:
- target: {kind: DaemonSet}
  patch: '%s]'
`, name, tag, patch))
	return dir
}

// has says whether a capability can be had on this machine.
func has(capability uint) bool {
	n, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(capability), 0, 0, 0)
	return err == nil && n == 1
}

// volume makes a volume for the hub in a folder of this machine.
func (c *cluster) volume(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "parallax-hub-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	file := filepath.Join(t.TempDir(), "volume.yaml")
	write(t, file, fmt.Sprintf(`
apiVersion: v1
kind: PersistentVolume
metadata: {name: parallax-e2e}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  claimRef: {namespace: parallax, name: data-parallax-hub-0}
  local: {path: %q}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%q]}]}]}}
`, dir, c.node))
	c.kubectl(t, "apply", "-f", file)
	return dir
}

// writeAlertsToTheVolume adds a second place for alerts to the hub's configuration, where the test finds them.
func writeAlertsToTheVolume(t testing.TB, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(bytes.TrimSpace(b))+"\nsinks:\n- {type: file, file: /var/lib/parallax/alerts.jsonl}\n")
}

// tell tells how the pods are, of a test that failed.
func (c *cluster) tell(t testing.TB) {
	for _, namespace := range []string{"parallax", "parallax-agents"} {
		for _, what := range [][]string{
			{"describe", "pods"},
			{"logs", "--prefix", "--tail=50", "-l", "app.kubernetes.io/part-of=parallax"},
			{"logs", "--prefix", "--tail=50", "-l", "app.kubernetes.io/part-of=parallax", "--previous"},
		} {
			text, err := c.try(append([]string{"-n", namespace}, what...)...)
			t.Logf("%s %v: %v\n%s", namespace, what, err, text)
		}
	}
}

// remove takes away what was made, as far as it is there.
func (c *cluster) remove() {
	for _, what := range [][]string{
		{"namespace", "e2e", "parallax", "parallax-agents"},
		{"persistentvolume", "parallax-e2e"},
		{"clusterrole,clusterrolebinding", "parallax-hub"},
		{"priorityclass", "parallax-agent"},
	} {
		_, _ = c.try(append([]string{"delete", "--ignore-not-found", "--timeout=60s"}, what...)...)
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
