package audit

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// noPod is the Null of fields of the pod: pods/ephemeralcontainers states containers alone.
const noPod = "the object holds no pod spec, or the request only adds ephemeral containers"

// podOf is the field of the pod that f sets; missing where the request states no pod.
func podOf(f func(p *podView, v *event.Value)) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, _ *event.Arg, v *event.Value) {
		if p := e.podSpec(); p.spec.Exists() && !p.added {
			f(p, v)
		}
	})
}

func podFields() []event.Field {
	flag := func(name, key, doc string, unsaid bool) event.Field {
		return event.Field{
			Name: "pod." + name, Type: event.Bool, Cost: costBody, Doc: doc, From: "spec." + key + " of the pod", Null: noPod + ", or a patch does not say it",
			Get: podOf(func(p *podView, v *event.Value) { setFlag(v, p.spec.Get(key), unsaid, p.partial) }),
		}
	}
	list := func(name, doc, from string, f func(p *podView, v *event.Value)) event.Field {
		return event.Field{Name: "pod." + name, List: true, Cost: costBody, Doc: doc, From: from, Null: noPod + ", or there are none", Get: podOf(f)}
	}
	return []event.Field{
		flag("hostpid", "hostPID", "Says whether the pod shares the host's process ids.", false),
		flag("hostnetwork", "hostNetwork", "Says whether the pod shares the host's network.", false),
		flag("hostipc", "hostIPC", "Says whether the pod shares the host's IPC namespace.", false),
		flag("hostusers", "hostUsers", "Says whether root in the pod is root of the host, that is whether it has no user namespace.", true),
		{
			Name: "pod.serviceaccount", Cost: costBody, Doc: "Service account that the pod runs as.", From: "spec.serviceAccountName, else spec.serviceAccount of the pod",
			Null: noPod + ", or it is not said",
			Get: podOf(func(p *podView, v *event.Value) {
				name := stringOf(p.spec.Get("serviceAccountName"))
				if name == "" {
					name = stringOf(p.spec.Get("serviceAccount"))
				}
				setFilled(v, name)
			}),
		},
		{
			Name: "pod.node", Cost: costBody, Doc: "Node that the pod is bound to.", From: "spec.nodeName of the pod", Null: noPod + ", or it is not bound",
			Get: podOf(func(p *podView, v *event.Value) { setFilled(v, stringOf(p.spec.Get("nodeName"))) }),
		},
		{
			Name: "pod.mirror", Type: event.Bool, Cost: costBody, Doc: "Says whether the pod mirrors a static pod of a node.",
			From: "metadata.annotations[kubernetes.io/config.mirror] of the pod", Null: noPod,
			Get: podOf(func(p *podView, v *event.Value) {
				v.SetBool(p.meta.Get("annotations").Get("kubernetes.io/config.mirror").Exists())
			}),
		},
		list("sysctls", "Names of the kernel settings that the pod changes.", "spec.securityContext.sysctls of the pod", func(p *podView, v *event.Value) {
			for s := range p.spec.Get("securityContext").Get("sysctls").Elements() {
				if name := stringOf(s.Get("name")); name != "" {
					v.Append(name)
				}
			}
		}),
		list("volumes", "Types of the pod's volumes: hostPath, emptyDir.", "spec.volumes of the pod", func(p *podView, v *event.Value) {
			for volume := range p.spec.Get("volumes").Elements() {
				appendVolumeTypes(v, volume)
			}
		}),
		list("hostpaths", "Paths of the host that the pod's volumes lead to, cleaned.", "spec.volumes of the pod", func(p *podView, v *event.Value) {
			for _, volume := range p.volumes {
				v.Append(volume.path)
			}
		}),
		list("hostpaths.writable", "Paths of the host that a container of the pod mounts and may write to, cleaned, subPath joined.",
			"spec.volumes, volumeMounts of all containers of the pod", func(p *podView, v *event.Value) {
				for _, c := range p.containers {
					p.mounts(c, func(hostPath string, writable bool) {
						if writable {
							v.Append(hostPath)
						}
					})
				}
			}),
	}
}

// setFlag sets v to a Bool; where it is not said, to what that means, unless the object is partial.
func setFlag(v *event.Value, n tape.Node, unsaid, partial bool) {
	if value, ok := n.Bool(); ok {
		v.SetBool(value)
	} else if !partial {
		v.SetBool(unsaid)
	}
}

// noContainer is the Null of fields of a container.
const noContainer = "the object holds no pod spec, or it is not said"

// containerOf is the field of a container that f sets.
func containerOf(f func(p *podView, c container, v *event.Value)) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, a *event.Arg, v *event.Value) {
		if p := e.podSpec(); a.Elem >= 0 && a.Elem < len(p.containers) {
			f(p, p.containers[a.Elem], v)
		}
	})
}

func containerFields() []event.Field {
	fields := append(containerImageFields(), containerRightFields()...)
	fields = append(fields, containerMountFields()...)
	for i := range fields {
		f := &fields[i]
		f.Name, f.Scope, f.Cost = "ctr."+f.Name, event.ScopeContainer, costBody
		if f.Null == "" {
			f.Null = noContainer
		}
	}
	return fields
}

func containerImageFields() []event.Field {
	image := func(name, doc string, part func(event.Image) string) event.Field {
		return event.Field{
			Name: "image." + name, Doc: doc, From: "image of the container",
			Get: containerOf(func(_ *podView, c container, v *event.Value) {
				setFilled(v, part(event.ParseImage(stringOf(c.node.Get("image")))))
			}),
		}
	}
	text := func(name, key, doc string) event.Field {
		return event.Field{
			Name: name, Doc: doc, From: key + " of the container",
			Get: containerOf(func(_ *podView, c container, v *event.Value) { setString(v, c.node.Get(key)) }),
		}
	}
	return []event.Field{
		text("name", "name", "Name of the container."),
		{
			Name: "kind", Doc: "Kind of container by the list that it stands in.", From: "containers, initContainers, ephemeralContainers",
			Values: []string{kindMain, kindInit, kindEphemeral},
			Get:    containerOf(func(_ *podView, c container, v *event.Value) { v.SetText(c.kind) }),
		},
		text("image", "image", "Image of the container."),
		image("repository", "Repository of the image, with the registry and its port, without tag and digest.", func(i event.Image) string { return i.Repository }),
		image("tag", "Tag of the image.", func(i event.Image) string { return i.Tag }),
		image("digest", "Digest of the image.", func(i event.Image) string { return i.Digest }),
		{
			Name: "command", List: true, Doc: "Command and arguments of the container, word by word.", From: "command and args of the container",
			Get: containerOf(func(_ *podView, c container, v *event.Value) { commandOf(c, v.Append) }),
		},
		{
			Name: "tty", Type: event.Bool, Doc: "Says whether the container has a terminal.", From: "tty of the container",
			Get: containerOf(func(p *podView, c container, v *event.Value) { setFlag(v, c.node.Get("tty"), false, p.partial) }),
		},
		text("target", "targetContainerName", "Container whose processes an ephemeral container shares."),
	}
}

func containerRightFields() []event.Field {
	own := func(key string) func(*podView, container) tape.Node {
		return func(_ *podView, c container) tape.Node { return secure(c, key, tape.Node{}) }
	}
	flag := func(name, doc, key string, at func(*podView, container) tape.Node, unsaid bool) event.Field {
		return event.Field{
			Name: name, Type: event.Bool, Doc: doc, From: "securityContext." + key, Null: "the object holds no pod spec, or a patch does not say it",
			Get: containerOf(func(p *podView, c container, v *event.Value) { setFlag(v, at(p, c), unsaid, p.partial) }),
		}
	}
	caps := func(name, key, doc string) event.Field {
		return event.Field{
			Name: name, List: true, Doc: doc, From: "securityContext.capabilities." + key + " of the container",
			Get: containerOf(func(_ *podView, c container, v *event.Value) {
				appendCapabilities(v, c.node.Get("securityContext").Get("capabilities").Get(key))
			}),
		}
	}
	const effective = " of the container, else of the pod"
	return []event.Field{
		flag("privileged", "Says whether the container is privileged.", "privileged of the container", own("privileged"), false),
		caps("caps", "add", "Capabilities that are added, in capitals without CAP_."),
		caps("caps.dropped", "drop", "Capabilities that are dropped, in capitals without CAP_."),
		{
			Name: "procmount", Doc: "How /proc is mounted: Default or Unmasked.", From: "securityContext.procMount of the container",
			Get: containerOf(func(_ *podView, c container, v *event.Value) { setString(v, own("procMount")(nil, c)) }),
		},
		{
			Name: "seccomp", Doc: "Type of the container's seccomp profile: RuntimeDefault, Localhost, Unconfined.",
			From: "securityContext.seccompProfile.type" + effective + ", else the annotations of before Kubernetes 1.19",
			Get:  containerOf(func(p *podView, c container, v *event.Value) { setFilled(v, p.seccomp(c)) }),
		},
		{
			Name: "apparmor", Doc: "Type of the container's AppArmor profile: RuntimeDefault, Localhost, Unconfined.",
			From: "securityContext.appArmorProfile.type" + effective + ", else the annotation of before Kubernetes 1.30",
			Get:  containerOf(func(p *podView, c container, v *event.Value) { setFilled(v, p.apparmor(c)) }),
		},
		{
			Name: "selinux.type", Doc: "SELinux type of the container.", From: "securityContext.seLinuxOptions.type" + effective,
			Get: containerOf(func(p *podView, c container, v *event.Value) {
				setFilled(v, secureType(c, "seLinuxOptions", p.own.selinux))
			}),
		},
		{
			Name: "runasuser", Doc: "User id that the container runs with.", From: "securityContext.runAsUser" + effective,
			Get: containerOf(func(p *podView, c container, v *event.Value) { setScalar(v, secure(c, "runAsUser", p.own.runAsUser)) }),
		},
		flag("runasnonroot", "Says whether the container may not run as root.", "runAsNonRoot"+effective,
			func(p *podView, c container) tape.Node { return secure(c, "runAsNonRoot", p.own.runAsNonRoot) }, false),
		flag("escalation", "Says whether a process may gain more rights than its parent.", "allowPrivilegeEscalation of the container",
			own("allowPrivilegeEscalation"), true),
	}
}

func appendCapabilities(v *event.Value, names tape.Node) {
	for n := range names.Elements() {
		if s := stringOf(n); s != "" {
			v.Append(capability(s))
		}
	}
}

func containerMountFields() []event.Field {
	paths := func(name, doc string, writable bool, add func(*event.Value, string)) event.Field {
		return event.Field{
			Name: name, List: true, Doc: doc, From: "volumeMounts of the container, volumes of the pod", Null: "the container mounts none",
			Get: containerOf(func(p *podView, c container, v *event.Value) {
				p.mounts(c, func(hostPath string, w bool) {
					if w || !writable {
						add(v, hostPath)
					}
				})
			}),
		}
	}
	return []event.Field{
		paths("hostpaths", "Paths of the host that the container mounts, cleaned, subPath joined.", false, (*event.Value).Append),
		paths("hostpaths.under", "Those paths and every directory above them but /.", false, appendUnder),
		paths("hostpaths.writable", "Paths of the host that the container mounts and may write to, cleaned, subPath joined.", true, (*event.Value).Append),
		paths("hostpaths.writable.under", "Those paths that it may write to and every directory above them but /.", true, appendUnder),
		{
			Name: "hostports", List: true, Doc: "Ports of the host that lead to the container.", From: "ports of the container", Null: "it has none",
			Get: containerOf(func(_ *podView, c container, v *event.Value) {
				for port := range c.node.Get("ports").Elements() {
					if n := port.Get("hostPort"); n.Kind() == tape.Number && n.Text() != "0" {
						v.Append(n.Text())
					}
				}
			}),
		},
	}
}
