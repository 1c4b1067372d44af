package manifests

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	core "k8s.io/api/core/v1"
)

func itoa(n int32) string { return strconv.Itoa(int(n)) }

// sockets are those of container runtimes: who reaches one is root on the node.
var sockets = []string{
	"/run/containerd/containerd.sock", "/run/k3s/containerd/containerd.sock", "/run/crio/crio.sock", "/run/docker.sock",
	"/run/cri-dockerd.sock", "/run/podman/podman.sock",
}

func TestAgentHasNoMoreThanItNeeds(t *testing.T) {
	p := agent(t).Spec.Template.Spec
	s := p.Containers[0].SecurityContext
	if p.HostPID || p.HostNetwork || p.HostIPC || *s.Privileged || *s.AllowPrivilegeEscalation || !*s.ReadOnlyRootFilesystem || len(p.InitContainers) > 0 || len(p.Containers) > 1 {
		t.Errorf("the agent has too many rights: %+v", s)
	}
	want := &core.Capabilities{Drop: []core.Capability{"ALL"}, Add: []core.Capability{"BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH", "SYS_RESOURCE"}}
	if diff := cmp.Diff(want, s.Capabilities); diff != "" {
		t.Error(diff)
	}
	if s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
		t.Errorf("seccomp: %+v", s.SeccompProfile)
	}
	if diff := cmp.Diff([]core.Toleration{{Operator: core.TolerationOpExists}}, p.Tolerations); diff != "" {
		t.Error(diff)
	}
}

func TestAgentReadsWhatItNeedsOfTheNode(t *testing.T) {
	p := agent(t).Spec.Template.Spec
	for _, v := range p.Volumes {
		if v.HostPath == nil {
			continue
		}
		i := slices.IndexFunc(p.Containers[0].VolumeMounts, func(m core.VolumeMount) bool { return m.Name == v.Name })
		if m := p.Containers[0].VolumeMounts[i]; !m.ReadOnly && v.HostPath.Path != "/run/parallax" {
			t.Errorf("%s can be written to", v.HostPath.Path)
		}
		for _, socket := range sockets {
			if at := strings.Replace(path.Clean(v.HostPath.Path), "/var/run", "/run", 1); at == "/" || strings.HasPrefix(socket, at+"/") || at == socket {
				t.Errorf("%s holds %s", v.HostPath.Path, socket)
			}
		}
	}
}

// What Pod Security's restricted profile wants (kubernetes.io/docs/concepts/security/pod-security-standards).
func TestHubIsRestricted(t *testing.T) {
	ns := find(t, "parallax", func(n *core.Namespace) string { return n.Name })
	if ns.Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Errorf("%v", ns.Labels)
	}
	p := hub(t).Spec.Template.Spec
	c := p.Containers[0].SecurityContext
	if p.HostPID || p.HostNetwork || p.HostIPC || !*p.SecurityContext.RunAsNonRoot || p.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault ||
		*c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem {
		t.Errorf("%+v %+v", p.SecurityContext, c)
	}
	if diff := cmp.Diff(&core.Capabilities{Drop: []core.Capability{"ALL"}}, c.Capabilities); diff != "" {
		t.Error(diff)
	}
	for _, v := range p.Volumes {
		if v.HostPath != nil {
			t.Errorf("%s of the node is mounted", v.HostPath.Path)
		}
	}
}
