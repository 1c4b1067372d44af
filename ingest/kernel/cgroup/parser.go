package cgroup

import (
	"fmt"
	"strings"
)

// Identity is what a path tells of a container.
type Identity struct {
	ContainerID string
	PodUID      string // with dashes; empty where there is no pod
	Runtime     string // containerd, cri-o, docker, podman, runc, crun; empty where the path does not tell
	QoS         string // guaranteed, burstable, besteffort; empty where there is no pod
	Path        string // the container's own cgroup: the path that was read, or one above it
}

// Config says where the known shapes begin, besides the root of the hierarchy.
type Config struct {
	// Roots are cgroups that count as a root, such as the one of a node that is a container itself (kind, k3d). What lies below one
	// is read from there only, so that the node is not taken for a container.
	Roots []string
	// KubeletRoots are what kubelets of this node were given as --cgroup-root, below a root.
	KubeletRoots []string
}

// Parser reads paths. The zero value knows the shapes below the root of the hierarchy.
type Parser struct {
	roots    [][]string
	kubelets [][]string
}

// Nested says whether the node is a container itself: a root other than the hierarchy's was configured.
func (p *Parser) Nested() bool { return len(p.roots) > 0 }

// New returns a parser of the given configuration, whose paths must be absolute and clean.
func New(cfg Config) (*Parser, error) {
	p := new(Parser)
	for _, r := range cfg.Roots {
		parts, ok := split(r)
		if !ok {
			return nil, fmt.Errorf("cgroup root %q: want a path such as /system.slice/kind.scope", r)
		}
		p.roots = append(p.roots, parts)
	}
	for _, r := range cfg.KubeletRoots {
		parts, ok := split(r)
		if !ok {
			return nil, fmt.Errorf("cgroup root of the kubelet %q: want a path such as /kubelet", r)
		}
		p.kubelets = append(p.kubelets, parts)
	}
	return p, nil
}

// Parse tells which container a cgroup is of, or lies below. The path is that of the host, from the root of the hierarchy.
func (p *Parser) Parse(path string) (Identity, bool) {
	parts, ok := split(path)
	if !ok {
		return Identity{}, false
	}
	base := p.base(parts)
	below := parts[base:]
	for _, kubelet := range append([][]string{nil}, p.kubelets...) {
		if id, n, ok := parsePod(below, kubelet); ok {
			return identity(id, parts[:base+n])
		}
	}
	for _, shape := range shapes {
		if id, n, ok := shape(below); ok {
			return identity(id, parts[:base+n])
		}
	}
	return Identity{}, false
}

func identity(id Identity, parts []string) (Identity, bool) {
	id.Path = join(parts)
	return id, id.ContainerID != ""
}

// base is how many components of a path the root takes that it lies below: the longest one.
func (p *Parser) base(parts []string) int {
	n := 0
	for _, r := range p.roots {
		if len(r) > n && hasPrefix(parts, r) {
			n = len(r)
		}
	}
	return n
}

// Bounds of a path: the kernel's own are PATH_MAX and cgroup.max.depth, which nobody sets.
const (
	maxPath  = 4096
	maxDepth = 256
)

// split cuts an absolute path into its components. The root has none.
func split(path string) ([]string, bool) {
	if len(path) > maxPath || !strings.HasPrefix(path, "/") {
		return nil, false
	}
	if path == "/" {
		return nil, true
	}
	parts := strings.SplitN(path[1:], "/", maxDepth+1)
	if len(parts) > maxDepth {
		return nil, false
	}
	for _, s := range parts {
		if s == "" || s == "." || s == ".." {
			return nil, false
		}
	}
	return parts, true
}

func join(parts []string) string { return "/" + strings.Join(parts, "/") }

func hasPrefix(parts, prefix []string) bool {
	if len(parts) < len(prefix) {
		return false
	}
	for i, s := range prefix {
		if parts[i] != s {
			return false
		}
	}
	return true
}
