package webhook

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func render(t *testing.T, c Config, target, at string) string {
	t.Helper()
	to, err := FindTarget(target)
	if err != nil {
		t.Fatal(err)
	}
	text, err := plan(t, c, now).Render(to, at)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantFlags are the flags that docs/SETUP.md explains, for files in a folder.
func wantFlags(at, kubeconfig string) map[string]string {
	return map[string]string{
		"audit-policy-file":                     at + "/audit-policy.yaml",
		"audit-webhook-config-file":             at + "/" + kubeconfig,
		"audit-webhook-batch-max-wait":          "1s",
		"audit-webhook-batch-max-size":          "400",
		"audit-webhook-batch-throttle-qps":      "50",
		"audit-webhook-batch-throttle-burst":    "100",
		"audit-webhook-batch-buffer-size":       "30000",
		"audit-webhook-truncate-enabled":        "true",
		"audit-webhook-truncate-max-event-size": "8388608",
		"audit-webhook-truncate-max-batch-size": "33554432",
	}
}

// flagLines reads lines of PREFIXname=value.
func flagLines(t *testing.T, text, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(text) {
		line, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), prefix)
		name, value, found := strings.Cut(line, "=")
		if !ok || !found {
			t.Errorf("not a flag: %q", line)
		}
		out[name] = value
	}
	return out
}

func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRenderFlags(t *testing.T) {
	c := plain(t)
	equal(t, wantFlags(c.Dir, "webhook-kubeconfig.yaml"), flagLines(t, render(t, c, "flags", ""), "--"))
	equal(t, wantFlags("/etc/x", "webhook-kubeconfig.yaml"), flagLines(t, render(t, c, "flags", "/etc/x"), "--"))

	c.APIServers = []string{"cp1", "cp2"}
	parts := strings.Split(render(t, c, "flags", ""), "# default/cp2\n")
	first, ok := strings.CutPrefix(parts[0], "# default/cp1\n")
	if !ok || len(parts) != 2 {
		t.Fatalf("%q", parts)
	}
	equal(t, wantFlags(c.Dir, "webhook-kubeconfig-cp1.yaml"), flagLines(t, first, "--"))
	equal(t, wantFlags(c.Dir, "webhook-kubeconfig-cp2.yaml"), flagLines(t, parts[1], "--"))
}

func TestRenderMinikube(t *testing.T) {
	equal(t, wantFlags("/etc/ssl/certs/parallax", "webhook-kubeconfig.yaml"),
		flagLines(t, render(t, plain(t), "minikube", ""), "--extra-config=apiserver."))
}

// clusterConfig is what kubeadm reads, with extraArgs as either version has them.
type clusterConfig struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string
	APIServer  struct {
		ExtraArgs    yaml.Node           `yaml:"extraArgs"`
		ExtraVolumes []map[string]string `yaml:"extraVolumes"`
	} `yaml:"apiServer"`
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

func checkClusterConfig(t *testing.T, text, version, at string) {
	t.Helper()
	var got clusterConfig
	decode(t, text, &got)
	equal(t, []string{"kubeadm.k8s.io/" + version, "ClusterConfiguration"}, []string{got.APIVersion, got.Kind})
	equal(t, []map[string]string{{"name": "parallax", "hostPath": at, "mountPath": at, "readOnly": "true", "pathType": "Directory"}}, got.APIServer.ExtraVolumes)
	args := map[string]string{}
	if version == "v1beta3" {
		if err := got.APIServer.ExtraArgs.Decode(&args); err != nil {
			t.Error(err)
		}
	} else {
		var list []struct{ Name, Value string }
		if err := got.APIServer.ExtraArgs.Decode(&list); err != nil {
			t.Error(err)
		}
		for _, a := range list {
			args[a.Name] = a.Value
		}
	}
	equal(t, wantFlags(at, "webhook-kubeconfig.yaml"), args)
}

func TestRenderKubeadm(t *testing.T) {
	c := plain(t)
	c.APIServers = []string{"cp1", "cp2"} // each has its own kubeconfig under the same name
	checkClusterConfig(t, render(t, c, "kubeadm", ""), "v1beta4", "/etc/kubernetes/parallax")
	checkClusterConfig(t, render(t, c, "kubeadm", "/srv/audit"), "v1beta4", "/srv/audit")
	checkClusterConfig(t, render(t, c, "kubeadm-v1beta3", ""), "v1beta3", "/etc/kubernetes/parallax")
}

func TestRenderKind(t *testing.T) {
	c := plain(t)
	c.APIServers = []string{"cp1", "cp2"}
	var got struct {
		Kind       string
		APIVersion string   `yaml:"apiVersion"`
		Patches    []string `yaml:"kubeadmConfigPatches"`
		Nodes      []struct {
			Role   string
			Mounts []map[string]string `yaml:"extraMounts"`
		}
	}
	const at = "/etc/kubernetes/parallax"
	decode(t, render(t, c, "kind", ""), &got)
	equal(t, []string{"Cluster", "kind.x-k8s.io/v1alpha4"}, []string{got.Kind, got.APIVersion})
	checkClusterConfig(t, got.Patches[0], "v1beta3", at)
	checkClusterConfig(t, got.Patches[1], "v1beta4", at)
	for i, name := range c.APIServers {
		equal(t, "control-plane", got.Nodes[i].Role)
		equal(t, []map[string]string{
			{"hostPath": filepath.Join(c.Dir, "audit-policy.yaml"), "containerPath": at + "/audit-policy.yaml", "readOnly": "true"},
			{"hostPath": filepath.Join(c.Dir, "webhook-kubeconfig-"+name+".yaml"), "containerPath": at + "/webhook-kubeconfig.yaml", "readOnly": "true"},
		}, got.Nodes[i].Mounts)
	}
}

func TestRenderRancher(t *testing.T) {
	type config struct {
		Policy string   `yaml:"audit-policy-file"`
		Args   []string `yaml:"kube-apiserver-arg"`
		Mounts []string `yaml:"kube-apiserver-extra-mount"`
	}
	var k3s, rke2 config
	decode(t, render(t, plain(t), "k3s", ""), &k3s)
	equal(t, wantFlags("/etc/rancher/k3s/parallax", "webhook-kubeconfig.yaml"), flagLines(t, strings.Join(k3s.Args, "\n"), ""))
	equal(t, config{Args: k3s.Args}, k3s)

	const at = "/etc/rancher/rke2/parallax"
	decode(t, render(t, plain(t), "rke2", ""), &rke2)
	args := append(rke2.Args, "audit-policy-file="+rke2.Policy)
	equal(t, wantFlags(at, "webhook-kubeconfig.yaml"), flagLines(t, strings.Join(args, "\n"), ""))
	equal(t, []string{at + ":" + at + ":ro"}, rke2.Mounts)
}

func TestTargets(t *testing.T) {
	if _, err := FindTarget("openshift"); err == nil || !strings.Contains(err.Error(), "flags, kubeadm, kubeadm-v1beta3, kind, k3s, rke2, minikube") {
		t.Error(err)
	}
	for _, to := range Targets() {
		if to.Next == "" || render(t, plain(t), to.Name, "") == "" {
			t.Errorf("%s says nothing", to.Name)
		}
	}
}
