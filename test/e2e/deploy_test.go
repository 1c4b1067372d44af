//go:build e2e

package e2e

import (
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
		if os.Getenv("E2E_KEEP") == "" {
			c.remove()
		}
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
	d.configureHub(t, base+"/hub/parallax.yaml")
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
	log := setting(t, "E2E_AUDIT_LOG")
	write(t, filepath.Join(dir, "kustomization.yaml"), fmt.Sprintf(`
resources: [../manifests]
components: [../manifests/components/audit-log, log]
images: [{name: ghcr.io/parallax-sec/parallax, newName: %s, newTag: %s}]
patches:
- target: {kind: DaemonSet}
  patch: '%s]'
`, name, tag, patch))
	write(t, filepath.Join(dir, "log", "kustomization.yaml"), fmt.Sprintf(`
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- patch: |
    apiVersion: apps/v1
    kind: DaemonSet
    metadata: {name: parallax-agent, namespace: parallax-agents}
    spec:
      template:
        spec:
          containers:
          - name: agent
            env: [{name: PARALLAX_TAIL_AUDIT, value: /host/var/log/kubernetes/audit/%s}]
          volumes:
          - {name: audit-log, hostPath: {path: %s, type: Directory}}
          - {name: data, hostPath: {path: %s/tail, type: DirectoryOrCreate}}
`, filepath.Base(log), filepath.Dir(log), d.data))
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
	if os.Getenv("E2E_KEEP") == "" {
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
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

// configureHub adds a second place for alerts, where the test finds them, and lets the node send the audit log that lies there.
func (d *deployment) configureHub(t testing.TB, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "\nbus:\n", "\nbus:\n  tailNodes: ["+d.node+"]\n", 1)
	write(t, file, strings.TrimSpace(text)+"\nsinks:\n- {type: file, file: /var/lib/parallax/alerts.jsonl}\n")
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
	_, _ = c.try("-n", "e2e", "delete", "pods", "--all", "--force", "--grace-period=0") // they do not listen when they are told to end
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
