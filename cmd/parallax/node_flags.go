package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
)

// nodeFlags say where a node that is set up in an unusual way keeps what the sensor looks up.
type nodeFlags struct {
	hostRoot                        string
	cgroupRoots, kubeletRoots, dirs []string
}

func (f *nodeFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.hostRoot, "host-root", "/", "`folder` where the machine's root is seen; in a container, where its proc, sys/fs/cgroup and runtime's folders are mounted (/host)")
	flags.StringArrayVar(&f.dirs, "runtime-dir", nil,
		"further folder of a container runtime's files, `runtime=folder`, as the machine names it: containerd (its state), cri-o or podman (storage), docker (data), runc (--root) (repeatable)")
	flags.StringArrayVar(&f.cgroupRoots, "cgroup-root", nil, "cgroup `path` that counts as a root, for nodes that are containers themselves (kind, k3d) (repeatable)")
	flags.StringArrayVar(&f.kubeletRoots, "kubelet-cgroup-root", nil, "cgroup `path` that the kubelet was given as --cgroup-root (repeatable)")
}

// files opens the machine's files.
func (f *nodeFlags) files() (*runtimefiles.Files, error) {
	cfg := runtimefiles.Config{Root: f.hostRoot}
	for _, text := range f.dirs {
		runtime, dir, _ := strings.Cut(text, "=")
		to := map[string]*[]string{
			"containerd": &cfg.Containerd, "cri-o": &cfg.Storage, "podman": &cfg.Storage, "docker": &cfg.Docker, "runc": &cfg.Runc, "crun": &cfg.Runc,
		}[runtime]
		if to == nil || !strings.HasPrefix(dir, "/") {
			return nil, usageError("--runtime-dir %s: want containerd, cri-o, podman, docker or runc, then = and an absolute folder", text)
		}
		*to = append(*to, dir)
	}
	return runtimefiles.New(cfg)
}

// parser reads the paths of the machine's cgroups.
func (f *nodeFlags) parser() (*cgroup.Parser, error) {
	p, err := cgroup.New(cgroup.Config{Roots: f.cgroupRoots, KubeletRoots: f.kubeletRoots})
	if err != nil {
		return nil, usageError("%w", err)
	}
	return p, nil
}
