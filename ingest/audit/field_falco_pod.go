package audit

import (
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

func kaPodFields() []event.Field {
	return []event.Field{
		kaBody("req.pod.host_ipc", "Says whether the pod shares the host's IPC namespace.", "/spec/hostIPC"),
		kaBody("req.pod.host_network", "Says whether the pod shares the host's network.", "/spec/hostNetwork"),
		kaBody("req.pod.host_pid", "Says whether the pod shares the host's process ids.", "/spec/hostPID"),
		kaBody("req.pod.run_as_user", "User id that the pod states for its containers.", "/spec/securityContext/runAsUser"),
		kaBody("req.pod.run_as_group", "Group id that the pod states for its containers.", "/spec/securityContext/runAsGroup"),
		kaBody("req.pod.fs_group", "Group id that owns the pod's volumes.", "/spec/securityContext/fsGroup"),
		kaBodyList("req.pod.supplemental_groups", "Further group ids of the pod's containers.", "/spec/securityContext/supplementalGroups"),
		kaVolumes("hostpath", "Host paths of the pod's volumes; volumes of other types are left out.", "/hostPath/path"),
		kaVolumes("flexvolume_driver", "Drivers of the pod's FlexVolumes; volumes of other types are left out.", "/flexVolume/driver"),
		kaVolumeType(),
		kaHostPathIs(),
		deprecated(kaFirstImage("req.container.image", "Image of the first container.", func(s string) string { return s })),
		deprecated(kaFirstImage("req.container.image.repository", "Repository of the first container's image.", repositoryOf)),
		deprecated(kaBody("req.container.host_network", "Says whether the pod shares the host's network.", "/spec/hostNetwork")),
		deprecated(kaAnyPrivileged()),
	}
}

func deprecated(f event.Field) event.Field {
	f.Doc = "Deprecated. " + f.Doc
	return f
}

// specList is a list in the pod spec of requestObject, with its index.
func (e *Event) specList(key string, a *event.Arg, yield func(tape.Node)) {
	i := 0
	for n := range e.request().Get("spec").Get(key).Elements() {
		if wanted(a, i) {
			yield(n)
		}
		i++
	}
}

// kaVolumes is a member of the volumes, of all that have it or of the one of the index.
func kaVolumes(name, doc, pointer string) event.Field {
	f := indexed(kaBody("req.pod.volumes."+name, doc, "/spec/volumes/*"+pointer))
	path := tape.ParsePath(pointer)
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		e.specList("volumes", a, func(volume tape.Node) { appendNode(v, volume.Lookup(path)) })
	})
	return f
}

// appendNode adds the text of a node to v, unless it is Absent.
func appendNode(v *event.Value, n tape.Node) {
	if n.Kind() != tape.Absent {
		v.Append(n.Text())
	}
}

func kaVolumeType() event.Field {
	f := indexed(kaBody("req.pod.volumes.volume_type", "Types of the pod's volumes, that is all keys of a volume but its name.", "/spec/volumes"))
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		e.specList("volumes", a, func(volume tape.Node) { appendVolumeTypes(v, volume) })
	})
	return f
}

func appendVolumeTypes(v *event.Value, volume tape.Node) {
	for k := range volume.Members() {
		if k.Text() != "name" {
			v.Append(k.Text())
		}
	}
}

func kaHostPathIs() event.Field {
	f := deprecated(keyed(kaBody("req.volume.hostpath",
		"Says whether a volume has the host path of the key, or one that begins with it where the key ends in *.", "/spec/volumes/*/hostPath/path")))
	f.Values = []string{"true", "false"}
	f.Null = "requestObject is not logged or has no volumes"
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		volumes := e.request().Get("spec").Get("volumes")
		if volumes.Kind() != tape.Array {
			return
		}
		prefix, open := strings.CutSuffix(a.Text, "*")
		found := false
		for volume := range volumes.Elements() {
			p := volume.Get("hostPath").Get("path")
			found = found || p.Kind() == tape.String && (p.Text() == a.Text || open && strings.HasPrefix(p.Text(), prefix))
		}
		v.SetBool(found)
	})
	return f
}

func kaFirstImage(name, doc string, part func(string) string) event.Field {
	f := kaBody(name, doc, "/spec/containers/0/image")
	path := tape.ParsePath("/spec/containers/0/image")
	f.Get = get(func(e *Event, _ *event.Arg, v *event.Value) {
		if n := e.request().Lookup(path); n.Kind() != tape.Absent {
			v.SetText(part(n.Text()))
		}
	})
	return f
}

func repositoryOf(image string) string { return event.ParseImage(image).Repository }

func kaAnyPrivileged() event.Field {
	f := kaBody("req.container.privileged", "Says whether any container is privileged.", "/spec/containers/*/securityContext/privileged")
	f.Values = []string{"true", "false"}
	f.Null = "requestObject is not logged or has no containers"
	f.Get = get(func(e *Event, _ *event.Arg, v *event.Value) {
		containers := e.request().Get("spec").Get("containers")
		if containers.Kind() != tape.Array {
			return
		}
		found := false
		for c := range containers.Elements() {
			found = found || c.Get("securityContext").Get("privileged").IsTrue()
		}
		v.SetBool(found)
	})
	return f
}

// kaContainerFields are the fields of one of the lists of containers: the key of the list in the pod spec, and what to call one.
func kaContainerFields(list, what string) []event.Field {
	t := containerTable{list, what}
	repository := t.every("image.repository", "Repositories of the images of the pod's "+what+"s, without tag and digest.", "image", repositoryOf)
	fields := []event.Field{
		t.every("name", "Names of the pod's "+what+"s.", "name", nil),
		t.every("image", "Images of the pod's "+what+"s.", "image", nil),
		repository,
		t.words("command", "Commands of the pod's "+what+"s, words joined by blanks."),
		t.words("args", "Arguments of the pod's "+what+"s, words joined by blanks."),
		t.hostPorts(),
		t.context("privileged", "privileged", "Says for each %s whether it is privileged."),
		t.context("allow_privilege_escalation", "allowPrivilegeEscalation", "Says for each %s whether a process may gain more rights than its parent."),
		t.context("read_only_fs", "readOnlyRootFilesystem", "Says for each %s whether its root file system is read-only."),
		t.context("run_as_user", "runAsUser", "User id of each %s."),
		t.context("run_as_group", "runAsGroup", "Group id of each %s."),
		t.context("proc_mount", "procMount", "How /proc is mounted in each %s."),
		t.context("add_capabilities", "capabilities/add", "Added capabilities of each %s: one text for each, the JSON of its list."),
		t.effective("eff_run_as_user", "runAsUser", "User id that each %s runs with: its own, else the pod's, else 0."),
		t.effective("eff_run_as_group", "runAsGroup", "Group id that each %s runs with: its own, else the pod's, else 0."),
	}
	return fields
}

// containerTable makes the fields of one list of containers.
type containerTable struct{ list, what string }

func (t containerTable) field(name, doc, from string) event.Field {
	return indexed(kaBody("req.pod."+t.list+"."+name, strings.ReplaceAll(doc, "%s", t.what), "/spec/"+t.list+"/*/"+from))
}

// every is a member that all containers must have: if one lacks it, the value is missing.
func (t containerTable) every(name, doc, key string, part func(string) string) event.Field {
	f := t.field(name, doc, key)
	f.Null = noBody + ", or any of the " + t.what + "s that are asked for lacks it"
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		complete := true
		e.specList(t.list, a, func(c tape.Node) {
			n := c.Get(key)
			s := n.Text()
			complete = complete && n.Kind() != tape.Absent
			if part != nil {
				s = part(s)
			}
			v.Append(s)
		})
		if !complete {
			v.Clear()
		}
	})
	return f
}

// words is an array of the container, its words joined by blanks.
func (t containerTable) words(key, doc string) event.Field {
	f := t.field(key, doc, key)
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		e.specList(t.list, a, func(c tape.Node) {
			if words := c.Get(key); words.Kind() == tape.Array {
				v.Append(e.keep(func(dst []byte) []byte { return appendJoined(dst, words) }))
			}
		})
	})
	return f
}

// appendJoined appends the elements of an array with blanks between them.
func appendJoined(dst []byte, words tape.Node) []byte {
	first := true
	for w := range words.Elements() {
		if !first {
			dst = append(dst, ' ')
		}
		dst, first = append(dst, w.Text()...), false
	}
	return dst
}

// hostPorts are the ports that a container opens on the host: hostPort, and where a port states none containerPort, which is
// the port of the host where the pod shares its network.
func (t containerTable) hostPorts() event.Field {
	f := t.field("host_port", "Ports of the pod's %ss on the host: hostPort, else containerPort.", "ports/*/hostPort")
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		e.specList(t.list, a, func(c tape.Node) {
			for port := range c.Get("ports").Elements() {
				n := port.Get("hostPort")
				if n.Kind() == tape.Absent {
					n = port.Get("containerPort")
				}
				appendNode(v, n)
			}
		})
	})
	return f
}

// context is a member of securityContext; containers without it are left out.
func (t containerTable) context(name, pointer, doc string) event.Field {
	f := t.field(name, doc, "securityContext/"+pointer)
	path := tape.ParsePath("/securityContext/" + pointer)
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		e.specList(t.list, a, func(c tape.Node) { appendNode(v, c.Lookup(path)) })
	})
	return f
}

// effective is a member of securityContext of the container, else of the pod, else 0.
func (t containerTable) effective(name, key, doc string) event.Field {
	f := t.field(name, doc, "securityContext/"+key)
	f.Null = "requestObject is not logged or has no " + t.what + "s"
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		pod := e.request().Get("spec").Get("securityContext").Get(key)
		e.specList(t.list, a, func(c tape.Node) {
			n := c.Get("securityContext").Get(key)
			if !n.Exists() {
				n = pod
			}
			if !n.Exists() {
				v.Append("0")
				return
			}
			v.Append(n.Text())
		})
	})
	return f
}
