// Package cgroup reads the identity of containers out of the paths of control groups, with nothing but the path: no file is opened.
//
// A path is read from the root of the hierarchy. A container is known where the components from the root down have a shape that a
// runtime or the kubelet gives them, and the component nearest to the root wins: whatever lies below a container's own cgroup was
// made inside of it (Docker in Docker, systemd in a container, a hostile mkdir) and is never an identity. The same text further
// down in a path, or below a folder that no runtime made, is nothing.
//
// Shapes that are known, below the root or below a root that the configuration names:
//
//	/kubepods[/besteffort|/burstable]/pod<uid>/<id>                          kubelet, driver cgroupfs; also crio-<id>
//	/kubepods.slice/[kubepods-<qos>.slice/]kubepods[-<qos>]-pod<uid>.slice/  kubelet, driver systemd; dashes of uid are underscores
//	        cri-containerd-<id>.scope, crio-<id>.scope, docker-<id>.scope or <id>
//	/<slices>/docker-<id>.scope, libpod-<id>.scope, nerdctl-<id>.scope ...   a runtime with systemd
//	/docker/<id>, /libpod_parent[/<pod>]/libpod-<id>                         a runtime with cgroupfs
//	/default/<name>, /k8s.io/<name> ...                                      ctr: a namespace of containerd and an id in it
//	[/<units>]/<slice>:<runtime>:<name>                                      a systemd name that was given to cgroupfs
//
// where <id> are 64 hexadecimal digits. Conmon's cgroups (crio-conmon-<id>, libpod-conmon-<id>) are of the node.
//
// A container of another shape (plain runc with a cgroupsPath of its own) is not known by its path. When a process with a new pid
// namespace enters such a cgroup, Infer gives it an identity; see there for the rule.
//
// A Parser is read only after New and may be used concurrently.
//
//	path of a cgroup record, of a folder or of /proc/PID/cgroup -> Parser -> Identity
package cgroup
