package cgroup

import "strings"

// shapes read what runtimes make without a kubelet: the identity, and how many components it takes from the root.
var shapes = []func(parts []string) (Identity, int, bool){parseDocker, parsePodman, parseNamespace, parseScope, parseTriple}

// parseDocker reads /docker/<id>.
func parseDocker(parts []string) (Identity, int, bool) {
	id := at(parts, 1)
	return Identity{ContainerID: id, Runtime: "docker"}, 2, at(parts, 0) == "docker" && isHexID(id)
}

// parsePodman reads /libpod_parent/libpod-<id> and, in a pod, /libpod_parent/<pod>/libpod-<id>.
func parsePodman(parts []string) (Identity, int, bool) {
	if at(parts, 0) != "libpod_parent" {
		return Identity{}, 0, false
	}
	n := 1
	if isHexID(at(parts, n)) {
		n++
	}
	id, ok := strings.CutPrefix(at(parts, n), "libpod-")
	return Identity{ContainerID: id, Runtime: "podman"}, n + 1, ok && isHexID(id)
}

// parseNamespace reads /<namespace>/<id>, which containerd's client makes (pkg/oci, WithNamespacedCgroup). Of the namespaces only
// those are taken that tools come with: a folder of any name could be anything.
func parseNamespace(parts []string) (Identity, int, bool) {
	switch at(parts, 0) {
	case "default", "k8s.io", "moby", "buildkit":
		id := at(parts, 1)
		return Identity{ContainerID: id, Runtime: "containerd"}, 2, ValidName(id)
	}
	return Identity{}, 0, false
}

// parseScope reads /<slices>/<runtime>-<id>.scope. Below slices only: those systemd makes on the node, and a container's own
// cgroup is never one. A user's slices (rootless podman) hang below the service of the user's own systemd.
func parseScope(parts []string) (id Identity, n int, ok bool) {
	for strings.HasSuffix(at(parts, n), ".slice") || n == 2 && isUserService(parts) {
		n++
	}
	if n == 0 {
		return id, 0, false
	}
	id.ContainerID, id.Runtime = scope(at(parts, n))
	return id, n + 1, id.ContainerID != ""
}

// isUserService says whether parts begin with /user.slice/user-<n>.slice/user@<n>.service.
func isUserService(parts []string) bool {
	uid, ok := strings.CutPrefix(parts[1], "user-")
	return parts[0] == "user.slice" && ok && at(parts, 2) == "user@"+strings.TrimSuffix(uid, ".slice")+".service"
}

// parseTriple reads <slice>:<runtime>:<name>, systemd's notation that a runtime with cgroupfs took for a folder's name: at the
// root, or below the service that the runtime runs as.
func parseTriple(parts []string) (Identity, int, bool) {
	n := units(parts)
	f := strings.Split(at(parts, n), ":")
	if len(f) != 3 || !strings.HasSuffix(f[0], ".slice") {
		return Identity{}, 0, false
	}
	id := Identity{ContainerID: f[2], Runtime: runtimes[f[1]].name}
	id.QoS, id.PodUID = podOfSlice(f[0])
	return id, n + 1, ValidName(id.ContainerID) && id.Runtime != ""
}

// podOfSlice reads kubepods-burstable-pod<uid>.slice on its own.
func podOfSlice(s string) (qos, uid string) {
	for _, prefix := range []string{"", "kubepods-besteffort.slice", "kubepods-burstable.slice"} {
		parts := []string{"kubepods.slice", prefix, s}
		if prefix == "" {
			parts = []string{"kubepods.slice", s}
		}
		if id, _ := podOfSystemd(parts, nil); id.PodUID != "" {
			return id.QoS, id.PodUID
		}
	}
	return "", ""
}

// runtimes are those that begin a scope's name with their own, and whether people choose the name behind it.
var runtimes = map[string]struct {
	name  string
	named bool
}{
	"cri-containerd": {name: "containerd"},
	"crio":           {name: "cri-o"},
	"docker":         {name: "docker"},
	"libpod":         {name: "podman"},
	"nerdctl":        {name: "containerd"},
	"runc":           {name: "runc", named: true},
	"crun":           {name: "crun", named: true},
}

// scope reads <runtime>-<id>.scope.
func scope(s string) (id, runtime string) {
	s, ok := strings.CutSuffix(s, ".scope")
	if !ok {
		return "", ""
	}
	for prefix, r := range runtimes {
		id, ok := strings.CutPrefix(s, prefix+"-")
		if ok && (isHexID(id) || r.named && ValidName(id)) {
			return id, r.name
		}
	}
	return "", ""
}
