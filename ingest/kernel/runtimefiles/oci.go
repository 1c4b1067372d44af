package runtimefiles

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// ociConfig is what is read of a bundle's config.json (OCI runtime specification, config.md and config-linux.md).
type ociConfig struct {
	Annotations map[string]string
	Process     *struct {
		Capabilities *struct{ Bounding []string }
	}
	Linux *struct {
		MaskedPaths   []string
		ReadonlyPaths []string
		Resources     struct{ Devices []deviceRule }
	}
}

type deviceRule struct {
	Allow  bool
	Type   string
	Access string
	Major  *int64
	Minor  *int64
}

// readOCI reads a config.json.
func readOCI(t tree, path string) (*ociConfig, error) {
	b, err := t.read(path, maxFile)
	if err != nil {
		return nil, err
	}
	o := new(ociConfig)
	if err := json.Unmarshal(b, o); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return o, nil
}

// annotations are the names that runtimes use: containerd's CRI plugin (pkg/cri/annotations), nerdctl's labels, CRI-O
// (pkg/annotations), and the kubelet's labels of a container, which CRI-O keeps as annotations and cri-dockerd as labels.
var annotations = struct{ name, kind, sandboxID, pod, namespace, podUID, image, imageID []string }{
	name:      []string{"io.kubernetes.cri.container-name", "io.kubernetes.container.name", "nerdctl/name"},
	kind:      []string{"io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType", "io.kubernetes.docker.type"},
	sandboxID: []string{"io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID", "io.kubernetes.sandbox.id"},
	pod:       []string{"io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"},
	namespace: []string{"io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace"},
	podUID:    []string{"io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid"},
	image:     []string{"io.kubernetes.cri.image-name", "io.kubernetes.cri.sandbox-image-name", "io.kubernetes.cri-o.ImageName"},
	imageID:   []string{"io.kubernetes.cri-o.ImageRef"},
}

// annotate fills c by annotations, or labels of the same names.
func annotate(c *kernel.Container, from map[string]string) {
	first := func(keys []string) string {
		for _, k := range keys {
			if v := from[k]; v != "" {
				return v
			}
		}
		return ""
	}
	set := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	set(&c.Name, name(first(annotations.name)))
	set(&c.SandboxID, name(first(annotations.sandboxID)))
	set(&c.Pod, name(first(annotations.pod)))
	set(&c.Namespace, name(first(annotations.namespace)))
	set(&c.Image, text(first(annotations.image)))
	set(&c.ImageID, text(first(annotations.imageID)))
	if kind := first(annotations.kind); kind == "sandbox" || kind == "podsandbox" {
		c.Sandbox = true
	}
	if c.PodUID == "" {
		c.PodUID = name(first(annotations.podUID))
	}
}

// privileged tells whether a container is privileged, where the configuration leaves no doubt; else nil. A runtime that makes one gives it
// all capabilities and devices and hides nothing of /proc and /sys.
func (o *ociConfig) privileged() *bool {
	if o.Process == nil || o.Process.Capabilities == nil || o.Linux == nil {
		return nil
	}
	admin := slices.Contains(o.Process.Capabilities.Bounding, "CAP_SYS_ADMIN")
	hides := len(o.Linux.MaskedPaths)+len(o.Linux.ReadonlyPaths) > 0
	devices := slices.ContainsFunc(o.Linux.Resources.Devices, deviceRule.all)
	switch {
	case admin && devices && !hides:
		return new(true)
	case !admin, hides && !devices:
		return new(false)
	}
	return nil
}

// all says whether a rule allows everything with all devices.
func (d deviceRule) all() bool {
	whole := func(n *int64) bool { return n == nil || *n == -1 }
	return d.Allow && (d.Type == "" || d.Type == "a") && whole(d.Major) && whole(d.Minor) &&
		(d.Access == "" || strings.Contains(d.Access, "r") && strings.Contains(d.Access, "w") && strings.Contains(d.Access, "m"))
}
