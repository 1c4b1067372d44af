// Package runtimefiles reads what the node's files tell of containers: the runtimes' own per-container files, the tree of cgroups, and
// the lists of users. It never speaks to a runtime's socket, which would be as good as root on the node.
//
// Of a runtime's files only names, labels and annotations are read, and what tells whether a container is privileged; environment,
// arguments and mounts are passed over. A container is looked for in these files, those of the runtime that its cgroup names first:
//
//	containerd  <state>/io.containerd.runtime.v2.task/<namespace>/<id>/config.json     /run/containerd, /run/k3s/containerd (k3s, RKE2)
//	CRI-O       <storage>/overlay-containers/<id>/userdata/config.json                 /run/containers/storage, /var/lib/containers/storage
//	podman      the same, and <storage>/overlay-containers/containers.json
//	Docker      <data>/containers/<id>/config.v2.json, hostconfig.json                 /var/lib/docker
//	runc, crun  <root>/<id>/state.json or status, which name the bundle of config.json /run/runc, /run/crun
//
// All paths are below the node's root as the configuration names it (a DaemonSet mounts it at /host), and no symbolic link leads out of there.
// A runtime that sees another root (a mount namespace of its own) is read through a process of it, /proc/PID/root.
//
// Whatever is read may be hostile or torn: reads are bounded, ids are checked before they become part of a path, texts are cut and names
// checked by their characters, and what is no regular file is not read. Files of a container (its list of users) may lie on a file system that
// never answers: such a read is given up, and bounded in number.
//
// A Files may be used concurrently.
//
//	container id, pid -> files of the node -> kernel.Container, kernel.Users; tree of cgroups -> (id, path)
package runtimefiles
