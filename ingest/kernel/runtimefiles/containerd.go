package runtimefiles

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
)

// readContainerd reads a container's bundle in containerd's state folder (containerd, runtime/v2/bundle.go). The bundle is there before
// the runtime makes the cgroup.
func readContainerd(t tree, folder string, c *kernel.Container) (bool, error) {
	tasks := filepath.Join(folder, "io.containerd.runtime.v2.task")
	names, err := t.list(tasks, maxNamespaces)
	if err != nil {
		return false, err
	}
	for _, ns := range namespaces(names, c.CgroupPath) {
		var o *ociConfig
		if o, err = readOCI(t, filepath.Join(tasks, ns, c.ID, "config.json")); err != nil {
			continue
		}
		if c.Runtime == "" {
			c.Runtime = "containerd"
		}
		annotate(c, o.Annotations)
		c.Privileged = o.privileged()
		return true, nil
	}
	return false, err
}

// namespaces orders containerd's namespaces: the one that the cgroup's path begins with (ctr), then the kubelet's, then the others.
func namespaces(names []string, path string) []string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	names = slices.DeleteFunc(names, func(s string) bool { return !cgroup.ValidName(s) })
	slices.Sort(names)
	slices.SortStableFunc(names, func(a, b string) int { return order(a, first) - order(b, first) })
	return names
}

func order(ns, first string) int {
	switch ns {
	case first:
		return 0
	case "k8s.io":
		return 1
	}
	return 2
}
