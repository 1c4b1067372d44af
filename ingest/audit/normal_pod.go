package audit

import (
	"path"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// podView is the pod spec in an event's effective object.
type podView struct {
	done    bool
	spec    tape.Node // PodSpec; Absent where the object holds none
	meta    tape.Node // metadata of the pod or its template
	partial bool      // a patch: what is not stated is unknown, not at its default
	// added says that the request only adds ephemeral containers to a pod that is there: then containers are these
	// alone, and the other fields of the pod are no statement of this request.
	added      bool
	containers []container
	own        podSecurity
	volumes    []hostVolume // hostPath volumes, by name
	profiles   []profile    // seccomp and AppArmor annotations, by key
}

// container is one container of a pod spec.
type container struct {
	kind string // main, init, ephemeral
	node tape.Node
}

// podSecurity is what of the pod's securityContext holds for the containers that state nothing else. It is looked up once,
// so that many containers of a pod with many members do not cost their product.
type podSecurity struct {
	runAsUser, runAsNonRoot    tape.Node
	seccomp, apparmor, selinux tape.Node // type of the profile
}

// hostVolume is a hostPath volume.
type hostVolume struct {
	name string
	path string // cleaned
}

// profile is an annotation of the pod that names a security profile.
type profile struct{ key, value string }

// The kinds of container.
const (
	kindMain      = "main"
	kindInit      = "init"
	kindEphemeral = "ephemeral"
)

// podSpec is the pod spec that the event is about.
func (e *Event) podSpec() *podView {
	p := &e.derived().pod
	if !p.done {
		p.done = true
		e.readPodSpec(p)
	}
	return p
}

func (e *Event) readPodSpec(p *podView) {
	*p = podView{done: true, containers: p.containers[:0], volumes: p.volumes[:0], profiles: p.profiles[:0]}
	resource, _ := e.str(&e.object.resource)
	sub, _ := e.str(&e.object.subresource)
	p.added = resource == "pods" && sub == "ephemeralcontainers"
	if !holdsPod(resource) || sub != "" && !p.added {
		return
	}
	o := e.obj()
	pod := podIn(o.root, resource)
	p.meta, p.spec, p.partial = pod.Get("metadata"), pod.Get("spec"), o.partial()
	if p.added && !p.spec.Exists() { // the body of API servers before 1.22 is an object of its own
		p.spec = pod
	}
	if p.spec.Kind() != tape.Object {
		p.spec = tape.Node{}
		return
	}
	if !p.added {
		p.list(kindMain, "containers")
		p.list(kindInit, "initContainers")
	}
	p.list(kindEphemeral, "ephemeralContainers")
	if p.added {
		e.dropEarlierContainers(p)
	}
	p.readSecurity()
	p.listVolumes()
	p.listProfiles()
}

// holdsPod says whether objects of a resource hold a pod spec.
func holdsPod(resource string) bool {
	switch resource {
	case "pods", "podtemplates", "deployments", "daemonsets", "statefulsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs":
		return true
	}
	return false
}

// podIn is the pod, or the template of one, in an object of a resource that holds one.
func podIn(object tape.Node, resource string) tape.Node {
	switch resource {
	case "pods":
		return object
	case "podtemplates":
		return object.Get("template")
	case "cronjobs":
		object = object.Get("spec").Get("jobTemplate")
	}
	return object.Get("spec").Get("template")
}

// list adds the containers of one list. What a strategic merge patch deletes is none.
func (p *podView) list(kind, key string) {
	for c := range p.spec.Get(key).Elements() {
		if c.Kind() == tape.Object && !isText(c.Get("$patch"), "delete") {
			p.containers = append(p.containers, container{kind, c})
		}
	}
}

// dropEarlierContainers leaves the ephemeral containers that a patch states: the answer holds those of earlier requests too.
func (e *Event) dropEarlierContainers(p *podView) {
	stated := e.requestView().Get("spec").Get("ephemeralContainers")
	if verb, _ := e.str(&e.verb); verb != "patch" || stated.Kind() != tape.Array {
		return
	}
	var names []string
	for s := range stated.Elements() {
		names = append(names, stringOf(s.Get("name")))
	}
	slices.Sort(names)
	p.containers = slices.DeleteFunc(p.containers, func(c container) bool {
		_, ok := slices.BinarySearch(names, stringOf(c.node.Get("name")))
		return !ok
	})
}

// listVolumes sorts the hostPath volumes by name, so that finding the one of a mount stays cheap however many there are.
func (p *podView) listVolumes() {
	for v := range p.spec.Get("volumes").Elements() {
		if host := v.Get("hostPath").Get("path"); host.Kind() == tape.String && host.Text() != "" {
			p.volumes = append(p.volumes, hostVolume{stringOf(v.Get("name")), cleanHostPath(host.Text())})
		}
	}
	slices.SortStableFunc(p.volumes, func(a, b hostVolume) int { return strings.Compare(a.name, b.name) })
}

// cleanHostPath is the shortest absolute path of the same file, symbolic links apart.
func cleanHostPath(p string) string {
	if strings.HasPrefix(p, "/") {
		return path.Clean(p)
	}
	return path.Clean("/" + p)
}

// volumeOf is the host path of the volume of that name, "" if it is none of a host path.
func (p *podView) volumeOf(name string) string {
	i, ok := slices.BinarySearchFunc(p.volumes, name, func(v hostVolume, name string) int { return strings.Compare(v.name, name) })
	if !ok {
		return ""
	}
	return p.volumes[i].path
}

// mounts goes over the host paths that a container mounts, joined with the mount's subPath, and says which are writable.
// A subPathExpr counts up to its first variable.
func (p *podView) mounts(c container, yield func(hostPath string, writable bool)) {
	for m := range c.node.Get("volumeMounts").Elements() {
		host := p.volumeOf(stringOf(m.Get("name")))
		if host == "" {
			continue
		}
		sub := stringOf(m.Get("subPath"))
		if expr := stringOf(m.Get("subPathExpr")); sub == "" && expr != "" {
			sub, _, _ = strings.Cut(expr, "$")
		}
		if sub != "" {
			host = path.Join(host, sub)
		}
		yield(host, !m.Get("readOnly").IsTrue())
	}
}

func (p *podView) readSecurity() {
	s := p.spec.Get("securityContext")
	p.own = podSecurity{
		runAsUser: s.Get("runAsUser"), runAsNonRoot: s.Get("runAsNonRoot"),
		seccomp: s.Get("seccompProfile").Get("type"), apparmor: s.Get("appArmorProfile").Get("type"), selinux: s.Get("seLinuxOptions").Get("type"),
	}
}

// secure is a member of a container's securityContext, and where it says nothing the pod's.
func secure(c container, key string, pods tape.Node) tape.Node {
	if own := c.node.Get("securityContext").Get(key); own.Exists() {
		return own
	}
	return pods
}

// secureType is the type in a member of a container's securityContext, and where it has no such member the pod's.
func secureType(c container, key string, pods tape.Node) string {
	if own := c.node.Get("securityContext").Get(key); own.Exists() {
		return stringOf(own.Get("type"))
	}
	return stringOf(pods)
}

// The annotations that named security profiles before there were members for it. Those that end in a slash go on with the
// name of a container.
const (
	seccompPod       = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainer = "container.seccomp.security.alpha.kubernetes.io/"
	apparmorOld      = "container.apparmor.security.beta.kubernetes.io/"
)

func (p *podView) listProfiles() {
	for k, v := range p.meta.Get("annotations").Members() {
		key := k.Text()
		if strings.HasPrefix(key, seccompPod) || strings.HasPrefix(key, seccompContainer) || strings.HasPrefix(key, apparmorOld) {
			p.profiles = append(p.profiles, profile{key, stringOf(v)})
		}
	}
	slices.SortStableFunc(p.profiles, func(a, b profile) int { return strings.Compare(a.key, b.key) })
}

// profile is the type of profile that the annotation prefix+name names, "" where there is none.
func (p *podView) profile(prefix, name string) string {
	i, ok := slices.BinarySearchFunc(p.profiles, name, func(a profile, name string) int {
		if rest, ok := strings.CutPrefix(a.key, prefix); ok {
			return strings.Compare(rest, name)
		}
		return strings.Compare(a.key, prefix)
	})
	if !ok {
		return ""
	}
	return profileType(p.profiles[i].value)
}

// seccomp is the type of a container's seccomp profile: of the container, the pod, or the annotations that did this before
// Kubernetes 1.19. "" where nothing is said.
func (p *podView) seccomp(c container) string {
	if t := secureType(c, "seccompProfile", p.own.seccomp); t != "" {
		return t
	}
	if t := p.profile(seccompContainer, stringOf(c.node.Get("name"))); t != "" {
		return t
	}
	return p.profile(seccompPod, "")
}

// apparmor is the type of a container's AppArmor profile: of the container, the pod, or the annotation that did this before
// Kubernetes 1.30. "" where nothing is said.
func (p *podView) apparmor(c container) string {
	if t := secureType(c, "appArmorProfile", p.own.apparmor); t != "" {
		return t
	}
	return p.profile(apparmorOld, stringOf(c.node.Get("name")))
}

// profileType is the type of the profile that an annotation names.
func profileType(annotation string) string {
	switch {
	case annotation == "unconfined":
		return "Unconfined"
	case annotation == "runtime/default" || annotation == "docker/default":
		return "RuntimeDefault"
	case strings.HasPrefix(annotation, "localhost/"):
		return "Localhost"
	}
	return annotation
}

// capability is a capability as it is compared: upper case, without CAP_. The runtimes take it in any of these forms.
func capability(name string) string {
	name = strings.ToUpper(name)
	return strings.TrimPrefix(name, "CAP_")
}

// commandOf is command and then args of a container.
func commandOf(c container, yield func(string)) {
	for _, key := range [...]string{"command", "args"} {
		for word := range c.node.Get(key).Elements() {
			yield(word.Text())
		}
	}
}
