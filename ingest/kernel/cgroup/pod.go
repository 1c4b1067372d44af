package cgroup

import "strings"

// parsePod reads a container's path in a pod's cgroup.
func parsePod(parts, kubelet []string) (id Identity, n int, ok bool) {
	id, n = podFolder(parts, kubelet)
	if id.PodUID == "" || n == len(parts) {
		return Identity{}, 0, false
	}
	id.ContainerID, id.Runtime = podLeaf(parts[n])
	return id, n + 1, id.ContainerID != ""
}

// podFolder reads the folders that the kubelet makes (kubernetes, pkg/kubelet/cm: pod_container_manager_linux.go and
// cgroup_manager_linux.go), down to a pod's, and gives how many components they take.
func podFolder(parts, kubelet []string) (id Identity, n int) {
	if id, n = podOfCgroupfs(parts, kubelet); n == 0 {
		id, n = podOfSystemd(parts, kubelet)
	}
	return id, n
}

// podOfCgroupfs reads /kubepods/burstable/pod<uid>.
func podOfCgroupfs(parts, kubelet []string) (id Identity, n int) {
	n = len(kubelet)
	if !hasPrefix(parts, kubelet) || at(parts, n) != "kubepods" {
		return id, 0
	}
	n++
	id.QoS = "guaranteed"
	if s := at(parts, n); s == "besteffort" || s == "burstable" {
		id.QoS = s
		n++
	}
	if uid, ok := strings.CutPrefix(at(parts, n), "pod"); ok && isUID(uid) {
		id.PodUID = uid
		n++
	}
	return id, n
}

// podOfSystemd reads /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod<uid>.slice. A slice's name holds the names of
// the slices above, joined by dashes (systemd.slice(5)), those of the kubelet's root too.
func podOfSystemd(parts, kubelet []string) (id Identity, n int) {
	name := ""
	for _, s := range append(kubelet[:len(kubelet):len(kubelet)], "kubepods") {
		name = below(name, s)
		if at(parts, n) != name+".slice" {
			return id, 0
		}
		n++
	}
	id.QoS = "guaranteed"
	for _, qos := range []string{"besteffort", "burstable"} {
		if at(parts, n) == name+"-"+qos+".slice" {
			id.QoS, name = qos, name+"-"+qos
			n++
			break
		}
	}
	uid, isPod := strings.CutPrefix(at(parts, n), name+"-pod")
	uid, isSlice := strings.CutSuffix(uid, ".slice")
	uid = strings.ReplaceAll(uid, "_", "-")
	if isPod && isSlice && isUID(uid) {
		id.PodUID = uid
		n++
	}
	return id, n
}

// below is the name of the slice s in the slice name, as the kubelet makes it of a component.
func below(name, s string) string {
	s = strings.ReplaceAll(s, "-", "_")
	if name == "" {
		return s
	}
	return name + "-" + s
}

// podLeaf reads what lies directly in a pod's cgroup. Runtimes with cgroupfs give the bare id, CRI-O with a prefix of its own.
func podLeaf(s string) (id, runtime string) {
	if isHexID(s) {
		return s, ""
	}
	if rest, ok := strings.CutPrefix(s, "crio-"); ok && isHexID(rest) {
		return rest, "cri-o"
	}
	return scope(s)
}

// at is the component n, or nothing.
func at(parts []string, n int) string {
	if n < len(parts) {
		return parts[n]
	}
	return ""
}
