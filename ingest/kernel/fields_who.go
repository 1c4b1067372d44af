package kernel

import (
	"maps"
	"slices"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// noName is what Falco gives as the name of a user that has none, instead of no value: rules compare with it.
const noName = "<NA>"

func userFields() []event.Field {
	id := func(name string, f func(*bpf.Cred) uint32, doc string) event.Field {
		return row(name, event.Number, ofCred(func(_ *Event, c *bpf.Cred, v *event.Value) { v.SetNumber(uint64(f(c))) }), doc)
	}
	named := func(name string, f func(*Event, *bpf.Cred) (string, bool), doc string) event.Field {
		return row(name, event.Text, ofCred(func(e *Event, c *bpf.Cred, v *event.Value) {
			v.SetText(noName)
			if s, ok := f(e, c); ok {
				v.SetText(s)
			}
		}), doc)
	}
	return []event.Field{
		id("user.uid", func(c *bpf.Cred) uint32 { return c.Euid }, "Effective user id, as the node sees it; after a call that changes it."),
		named("user.name", func(e *Event, c *bpf.Cred) (string, bool) { return e.userName(c.Euid) },
			"Name of that user, by the container's or node's own list; <NA> where it has none."),
		blank("user.homedir", event.Text, noPasswd, "Home directory of the user."),
		blank("user.shell", event.Text, noPasswd, "Shell of the user."),
		row("user.loginuid", event.Int, ofHead(func(e *Event) int64 { return signed(e.head.Loginuid) }),
			"User id at login (audit uid), -1 where nobody logged in."),
		named("user.loginname", func(e *Event, _ *bpf.Cred) (string, bool) {
			if e.head.Loginuid == noLogin {
				return "", false
			}
			return idName(e.stream.users.of(nil).Users, e.head.Loginuid)
		}, "Name of the user at login, by the node's list; <NA> where nobody logged in or it has none."),
		id("group.gid", func(c *bpf.Cred) uint32 { return c.Egid }, "Effective group id, as the node sees it."),
		named("group.name", func(e *Event, c *bpf.Cred) (string, bool) { return e.groupName(c.Egid) },
			"Name of that group, by the container's or node's own list; <NA> where it has none."),
	}
}

// ofCred is a field of the credentials that the event left its thread with.
func ofCred(f func(*Event, *bpf.Cred, *event.Value)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) {
		if e.head != nil {
			f(e, &e.head.Cred, v)
		}
	}
}

// hostID is what Falco gives as id and name of the container outside of containers.
const hostID = "host"

// shortID is the part of a container's id that Falco shows.
func shortID(id string) string { return id[:min(len(id), 12)] }

func containerFields() []event.Field {
	text := func(name string, f func(*Container) string, doc string) event.Field {
		return row("container."+name, event.Text, ofContainer(func(_ *Event, c *Container, v *event.Value) { setFilled(v, f(c)) }), doc)
	}
	orHost := func(name string, f func(*Container) string, doc string) event.Field {
		return row("container."+name, event.Text, func(e *Event, _ *event.Arg, v *event.Value) {
			switch {
			case e.container != nil:
				setFilled(v, f(e.container))
			case e.process != nil:
				v.SetText(hostID)
			}
		}, doc)
	}
	image := func(f func(event.Image) string) func(*Container) string {
		return func(c *Container) string { return f(event.ParseImage(c.Image)) }
	}
	lost := func(name, why, doc string) event.Field { return blank("container."+name, event.Text, why, doc) }
	lostArg := func(name, why, doc string) event.Field {
		return blankArg("container."+name, event.Text, event.ArgKey, why, doc)
	}
	return []event.Field{
		orHost("id", func(c *Container) string { return shortID(c.ID) }, "Id of the container, 12 characters; host outside of containers."),
		orHost("full_id", func(c *Container) string { return c.ID }, "Id of the container in full; host outside of containers."),
		orHost("name", func(c *Container) string { return c.Name }, "Name of the container; host outside of containers."),
		orHost("type", func(c *Container) string { return c.Runtime }, "Runtime of the container: docker, containerd, cri-o, podman; host outside of containers."),
		text("image", func(c *Container) string { return c.Image }, "Image with its tag."),
		text("image.id", func(c *Container) string { return c.ImageID }, "Id of the image."),
		text("image.repository", image(func(i event.Image) string { return i.Repository }), "Image without its tag."),
		text("image.tag", image(func(i event.Image) string { return i.Tag }), "Tag of the image."),
		text("image.digest", image(func(i event.Image) string { return i.Digest }), "Digest of the image, where the reference has one."),
		row("container.privileged", event.Bool, ofContainer(func(_ *Event, c *Container, v *event.Value) {
			if c.Privileged != nil {
				v.SetBool(*c.Privileged)
			}
		}), "The container is privileged."),
		row("container.start_ts", event.Number, ofContainer(func(e *Event, c *Container, v *event.Value) {
			if c.StartNs != 0 {
				v.SetNumber(positive(e.stream.wall(c.StartNs)))
			}
		}), "When the container began, in nanoseconds since 1970."),
		row("container.duration", event.Number, ofContainer(func(e *Event, c *Container, v *event.Value) {
			if c.StartNs != 0 {
				v.SetNumber(positive(e.timeNs - e.stream.wall(c.StartNs)))
			}
		}), "Nanoseconds since the container began."),
		row("container.host_pid", event.Bool, ofContainer(func(e *Event, c *Container, v *event.Value) {
			if host := e.stream.start.HostNS.NS.Pid; host != 0 && c.PIDNS != 0 {
				v.SetBool(c.PIDNS == host)
			}
		}), "The container shares the node's processes."),
		inHostNS("container.host_network", func(n *bpf.NS) uint32 { return n.Net }, "The process, which is in a container, is in the node's network."),
		inHostNS("container.host_ipc", func(n *bpf.NS) uint32 { return n.Ipc }, "The process, which is in a container, is in the node's IPC namespace."),
		rowArg("container.label", event.Text, event.ArgKey, func(e *Event, a *event.Arg, v *event.Value) {
			if e.container != nil {
				if s, ok := e.container.Labels[a.Text]; ok {
					v.SetText(s)
				}
			}
		}, "A label of the container."),
		row("container.labels", event.Text, ofContainer(func(e *Event, c *Container, v *event.Value) {
			if len(c.Labels) > 0 {
				v.SetText(e.texts.end(appendLabels(e.texts.begin(), c.Labels)))
			}
		}), "All labels of the container as key:value, joined by commas."),
		row("container.via", event.Text, ofText(func(e *Event) string { return string(e.via) }),
			"How the event's container was found: cgroup, or, where that said nothing, mntns, pidns or ancestor."),
		row("container.sandbox", event.Bool, ofContainer(func(_ *Event, c *Container, v *event.Value) { v.SetBool(c.Sandbox) }),
			"The container is the one that holds a pod's namespaces (pause)."),
		text("cgroup", func(c *Container) string { return c.CgroupPath }, "Path of the container's control group, from the root of the hierarchy."),
		lost("hostname", noRuntime, "Host name inside the container."),
		lost("mounts", noRuntime, "All mounts as source:destination:mode:writable:propagation, joined by blanks."),
		lostArg("mount", noRuntime, "One mount, by number or by a pattern of its source."),
		lostArg("mount.source", noRuntime, "Source of a mount, by number or by a pattern of its destination."),
		lostArg("mount.dest", noRuntime, "Destination of a mount, by number or by a pattern of its source."),
		lostArg("mount.mode", noRuntime, "Mode of a mount."),
		lostArg("mount.rdwr", noRuntime, "Whether a mount can be written."),
		lostArg("mount.propagation", noRuntime, "Propagation of a mount."),
		lost("healthcheck", noRuntime, "Command of the health check."),
		lost("liveness_probe", noAPI, "Command of the liveness probe."),
		lost("readiness_probe", noAPI, "Command of the readiness probe."),
		lost("ip", noRuntime, "First address of the container."),
		lost("cni.json", noRuntime, "What the network plugin said of the container."),
	}
}

// inHostNS is a field that says whether a process in a container is in a namespace of the node's.
func inHostNS(name string, of func(*bpf.NS) uint32, doc string) event.Field {
	return row(name, event.Bool, ofContainer(func(e *Event, _ *Container, v *event.Value) {
		if host := of(&e.stream.start.HostNS.NS); host != 0 && e.process != nil {
			v.SetBool(of(&e.process.NS) == host)
		}
	}), doc)
}

// appendLabels appends labels as key:value, sorted by key.
func appendLabels(dst []byte, labels map[string]string) []byte {
	for i, key := range slices.Sorted(maps.Keys(labels)) {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(append(append(dst, key...), ':'), labels[key]...)
	}
	return dst
}

func ofContainer(f func(*Event, *Container, *event.Value)) getter {
	return func(e *Event, _ *event.Arg, v *event.Value) {
		if e.container != nil {
			f(e, e.container, v)
		}
	}
}

func kubernetesFields() []event.Field {
	text := func(name string, f func(*Container) string, doc string) event.Field {
		return row("k8s."+name, event.Text, ofContainer(func(_ *Event, c *Container, v *event.Value) { setFilled(v, f(c)) }), doc)
	}
	lost := func(name, doc string) event.Field { return blank("k8s."+name, event.Text, noAPI, doc) }
	key := func(name, doc string) event.Field { return blankArg("k8s."+name, event.Text, event.ArgKey, noAPI, doc) }
	sandbox := func(c *Container) string {
		if c.SandboxID == "" && c.Sandbox {
			return c.ID
		}
		return c.SandboxID
	}
	uid := func(c *Container) string { return c.PodUID }
	out := []event.Field{
		text("pod.name", func(c *Container) string { return c.Pod }, "Name of the pod."),
		text("pod.uid", uid, "UID of the pod."),
		text("pod.id", uid, "UID of the pod, an older name."),
		text("pod.sandbox_id", func(c *Container) string { return shortID(sandbox(c)) }, "Id of the pod's sandbox, 12 characters."),
		text("pod.full_sandbox_id", sandbox, "Id of the pod's sandbox in full."),
		text("ns.name", func(c *Container) string { return c.Namespace }, "Namespace of the pod."),
		lost("pod.ip", "Address of the pod."),
		lost("pod.cni.json", "What the network plugin said of the pod."),
		lost("ns.id", "UID of the namespace."),
		key("pod.label", "A label of the pod."),
		lost("pod.labels", "All labels of the pod."),
		key("ns.label", "A label of the namespace."),
		lost("ns.labels", "All labels of the namespace."),
	}
	for _, kind := range []string{"rc", "rs", "svc", "deployment"} {
		out = append(out,
			lost(kind+".name", "Name of the "+kind+" that the pod belongs to."),
			lost(kind+".id", "UID of that "+kind+"."),
			key(kind+".label", "A label of that "+kind+"."),
			lost(kind+".labels", "All labels of that "+kind+"."))
	}
	return out
}

// otherFields are not traced.
func otherFields() []event.Field {
	return []event.Field{
		blank("syslog.facility", event.Number, noLog, "Facility of a message to the system's log."),
		blank("syslog.facility.str", event.Text, noLog, "The same as a word."),
		blank("syslog.severity", event.Number, noLog, "Severity of a message to the system's log."),
		blank("syslog.severity.str", event.Text, noLog, "The same as a word."),
		blank("syslog.message", event.Text, noLog, "The message."),
		blank("fdlist.nums", event.Text, noFiles, "Descriptors that poll names."),
		blank("fdlist.names", event.Text, noFiles, "Names of the files that poll names."),
		blank("fdlist.cips", event.Text, noNetwork, "Client addresses of the sockets that poll names."),
		blank("fdlist.sips", event.Text, noNetwork, "Server addresses of the sockets that poll names."),
		blank("fdlist.cports", event.Text, noNetwork, "Client ports of the sockets that poll names."),
		blank("fdlist.sports", event.Text, noNetwork, "Server ports of the sockets that poll names."),
	}
}
