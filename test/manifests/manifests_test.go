package manifests

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	network "k8s.io/api/networking/v1"
	rbac "k8s.io/api/rbac/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/kubeauth"
)

func hub(t *testing.T) *apps.StatefulSet { return find[*apps.StatefulSet](t, "", nil) }

func agent(t *testing.T) *apps.DaemonSet { return find[*apps.DaemonSet](t, "", nil) }

// A selector that fits no pod is no error anywhere.
func TestSelectorsFitTheirPods(t *testing.T) {
	pods := map[string]core.PodTemplateSpec{"hub": hub(t).Spec.Template, "agent": agent(t).Spec.Template}
	f := func(what string, s *meta.LabelSelector, pod string) {
		t.Helper()
		selector, err := meta.LabelSelectorAsSelector(s)
		if err != nil || selector.Empty() || !selector.Matches(labels.Set(pods[pod].Labels)) {
			t.Errorf("%s: %v (%v) does not fit %v", what, selector, err, pods[pod].Labels)
		}
	}
	f("StatefulSet", hub(t).Spec.Selector, "hub")
	f("DaemonSet", agent(t).Spec.Selector, "agent")
	for _, o := range objects(t) {
		switch o := o.(type) {
		case *core.Service:
			f(o.Name, &meta.LabelSelector{MatchLabels: o.Spec.Selector}, "hub")
		case *network.NetworkPolicy:
			f(o.Name, &o.Spec.PodSelector, strings.TrimPrefix(o.Name, "parallax-"))
		}
	}
}

func TestPortsHaveNamesThatAreThere(t *testing.T) {
	names := portNames(hub(t).Spec.Template.Spec)
	for _, o := range objects(t) {
		if s, ok := o.(*core.Service); ok {
			for _, p := range s.Spec.Ports {
				if !slices.Contains(names, p.TargetPort.StrVal) {
					t.Errorf("Service %s: no port %s in %v", s.Name, p.TargetPort.StrVal, names)
				}
			}
		}
	}
	if s := find[*core.Service](t, hub(t).Spec.ServiceName, func(s *core.Service) string { return s.Name }); s.Spec.ClusterIP != core.ClusterIPNone {
		t.Errorf("%s, which names the hub's pods, is not headless", s.Name)
	}
}

func portNames(p core.PodSpec) (out []string) {
	for _, port := range p.Containers[0].Ports {
		out = append(out, port.Name)
	}
	return out
}

func TestMountsHaveTheirVolumes(t *testing.T) {
	f := func(p core.PodSpec, further ...string) {
		t.Helper()
		var volumes, mounts []string
		for _, v := range p.Volumes {
			volumes = append(volumes, v.Name)
		}
		for _, m := range p.Containers[0].VolumeMounts {
			mounts = append(mounts, m.Name)
		}
		volumes = append(volumes, further...)
		slices.Sort(volumes)
		slices.Sort(mounts)
		if diff := cmp.Diff(volumes, mounts); diff != "" {
			t.Error(diff)
		}
	}
	f(hub(t).Spec.Template.Spec, hub(t).Spec.VolumeClaimTemplates[0].Name)
	f(agent(t).Spec.Template.Spec)
}

// What the configurations say is what the manifests give.
func TestConfigurationsFitTheManifests(t *testing.T) {
	h, a := configuration(t, "hub"), configuration(t, "agent")
	pods := map[string]core.PodSpec{"hub": hub(t).Spec.Template.Spec, "agent": agent(t).Spec.Template.Spec}
	for role, files := range map[string][]string{
		"hub":   append([]string{h.Data, h.Webhook.Dir, h.Bus.Cert, h.Bus.Key}, h.Rules.Files...),
		"agent": append([]string{a.Bus.CA, a.Bus.TokenFile, a.Sensor.Lock, a.Sensor.State}, a.Rules.Files...),
	} {
		for _, file := range files {
			if !mounted(pods[role], file) {
				t.Errorf("%s: nothing is mounted for %q", role, file)
			}
		}
	}
	for name, c := range map[string]struct {
		spec    core.PodSpec
		address string
	}{
		"webhook": {pods["hub"], h.Webhook.Listen}, "nats": {pods["hub"], h.Bus.Listen}, "ops": {pods["hub"], h.Ops.Listen},
		"ops ": {pods["agent"], a.Ops.Listen},
	} {
		for _, p := range c.spec.Containers[0].Ports {
			if p.Name == strings.TrimSpace(name) && !strings.HasSuffix(c.address, ":"+itoa(p.ContainerPort)) {
				t.Errorf("port %s is %d, the configuration listens at %s", name, p.ContainerPort, c.address)
			}
		}
	}
	if grace := *hub(t).Spec.Template.Spec.TerminationGracePeriodSeconds; float64(grace) < 1.5*h.Ops.Drain.Seconds() {
		t.Errorf("a stop may take %v, and is given %d s", h.Ops.Drain, grace)
	}
	if room := hub(t).Spec.VolumeClaimTemplates[0].Spec.Resources.Requests.Storage().Value(); int64(h.Bus.MaxBytes+h.Bus.AlertBytes)*5/4 > room {
		t.Errorf("the streams may take %v and %v, the volume has %d bytes", h.Bus.MaxBytes, h.Bus.AlertBytes, room)
	}
}

func TestAgentsAreWhoTheHubLetsIn(t *testing.T) {
	want := kubeauth.DefaultConfig()
	a := agent(t).Spec.Template.Spec
	token := find[*apps.DaemonSet](t, "", nil).Spec.Template.Spec.Volumes
	i := slices.IndexFunc(token, func(v core.Volume) bool { return v.Projected != nil })
	if i < 0 || token[i].Projected.Sources[0].ServiceAccountToken.Audience != want.Audience {
		t.Errorf("no token for the audience %s", want.Audience)
	}
	if got := configuration(t, "hub").Bus.AgentOf; got != want.Namespace+"/"+want.ServiceAccount || a.ServiceAccountName != want.ServiceAccount {
		t.Errorf("the hub lets in %s, agents are %s, the default is %s/%s", got, a.ServiceAccountName, want.Namespace, want.ServiceAccount)
	}
	if a.AutomountServiceAccountToken == nil || *a.AutomountServiceAccountToken {
		t.Error("agents are given a token for the API server")
	}
}

// The rights of the hub are these, and agents have none.
func TestRights(t *testing.T) {
	want := []rbac.PolicyRule{{Verbs: []string{"create"}, APIGroups: []string{"authentication.k8s.io"}, Resources: []string{"tokenreviews"}}}
	if diff := cmp.Diff(want, find[*rbac.ClusterRole](t, "", nil).Rules); diff != "" {
		t.Error(diff)
	}
	if s := find[*rbac.ClusterRoleBinding](t, "", nil).Subjects; len(s) != 1 || s[0].Name != hub(t).Spec.Template.Spec.ServiceAccountName {
		t.Errorf("the rights are given to %+v", s)
	}
}

func configuration(t *testing.T, role string) config.Config {
	t.Helper()
	c := config.Default()
	if err := c.Load(root + "/" + role + "/parallax.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := c.Validate(); err != nil {
		t.Fatalf("%s: %v", role, err)
	}
	return c
}

// mounted says whether something is mounted at a folder of file.
func mounted(p core.PodSpec, file string) bool {
	for _, m := range p.Containers[0].VolumeMounts {
		if rel := strings.TrimPrefix(path.Clean(file), m.MountPath); rel != file && (rel == "" || rel[0] == '/') {
			return true
		}
	}
	return file == ""
}
