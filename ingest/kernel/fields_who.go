package kernel

import "github.com/parallax-sec/parallax/event"

func userFields() []event.Field {
	return []event.Field{
		row("user.uid", event.Number, "User id."),
		row("user.name", event.Text, "User name, by the container's or node's own list."),
		row("user.homedir", event.Text, "Home directory of the user."),
		row("user.shell", event.Text, "Shell of the user."),
		row("user.loginuid", event.Int, "User id at login (audit uid), -1 where nobody logged in."),
		row("user.loginname", event.Text, "User name at login."),
		row("group.gid", event.Number, "Group id."),
		row("group.name", event.Text, "Group name."),
	}
}

func containerFields() []event.Field {
	text := func(name, doc string) event.Field { return row("container."+name, event.Text, doc) }
	return []event.Field{
		text("id", "Id of the container, 12 characters; host outside of containers."),
		text("full_id", "Id of the container in full."),
		text("name", "Name of the container."),
		text("hostname", "Host name inside the container."),
		text("type", "Runtime of the container: docker, containerd, cri-o, podman and so on."),
		text("image", "Image with its tag."),
		text("image.id", "Id of the image."),
		text("image.repository", "Image without its tag."),
		text("image.tag", "Tag of the image."),
		text("image.digest", "Digest of the image."),
		row("container.privileged", event.Bool, "The container is privileged."),
		text("mounts", "All mounts as source:destination:mode:writable:propagation, joined by blanks."),
		rowArg("container.mount", event.Text, event.ArgKey, "One mount, by number or by a pattern of its source."),
		rowArg("container.mount.source", event.Text, event.ArgKey, "Source of a mount, by number or by a pattern of its destination."),
		rowArg("container.mount.dest", event.Text, event.ArgKey, "Destination of a mount, by number or by a pattern of its source."),
		rowArg("container.mount.mode", event.Text, event.ArgKey, "Mode of a mount."),
		rowArg("container.mount.rdwr", event.Text, event.ArgKey, "Whether a mount can be written."),
		rowArg("container.mount.propagation", event.Text, event.ArgKey, "Propagation of a mount."),
		text("healthcheck", "Command of the health check."),
		text("liveness_probe", "Command of the liveness probe."),
		text("readiness_probe", "Command of the readiness probe."),
		row("container.start_ts", event.Number, "When the container began, in nanoseconds since 1970."),
		row("container.duration", event.Number, "Nanoseconds since the container began."),
		text("ip", "First address of the container."),
		text("cni.json", "What the network plugin said of the container."),
		row("container.host_pid", event.Bool, "The container shares the node's processes."),
		row("container.host_network", event.Bool, "The container shares the node's network."),
		row("container.host_ipc", event.Bool, "The container shares the node's IPC."),
		rowArg("container.label", event.Text, event.ArgKey, "A label of the container."),
		text("labels", "All labels of the container."),
	}
}

func kubernetesFields() []event.Field {
	text := func(name, doc string) event.Field { return row("k8s."+name, event.Text, doc) }
	key := func(name, doc string) event.Field { return rowArg("k8s."+name, event.Text, event.ArgKey, doc) }
	out := []event.Field{
		text("pod.name", "Name of the pod."),
		text("pod.uid", "UID of the pod."),
		text("pod.id", "UID of the pod, an older name."),
		text("pod.sandbox_id", "Id of the pod's sandbox, 12 characters."),
		text("pod.full_sandbox_id", "Id of the pod's sandbox in full."),
		text("pod.ip", "Address of the pod."),
		text("pod.cni.json", "What the network plugin said of the pod."),
		text("ns.name", "Namespace of the pod."),
		text("ns.id", "UID of the namespace."),
		key("pod.label", "A label of the pod."),
		text("pod.labels", "All labels of the pod."),
		key("ns.label", "A label of the namespace."),
		text("ns.labels", "All labels of the namespace."),
	}
	for _, kind := range []string{"rc", "rs", "svc", "deployment"} {
		out = append(out,
			text(kind+".name", "Name of the "+kind+" that the pod belongs to."),
			text(kind+".id", "UID of that "+kind+"."),
			key(kind+".label", "A label of that "+kind+"."),
			text(kind+".labels", "All labels of that "+kind+"."))
	}
	return out
}

func otherFields() []event.Field {
	return []event.Field{
		row("syslog.facility", event.Number, "Facility of a message to the system's log."),
		row("syslog.facility.str", event.Text, "The same as a word."),
		row("syslog.severity", event.Number, "Severity of a message to the system's log."),
		row("syslog.severity.str", event.Text, "The same as a word."),
		row("syslog.message", event.Text, "The message."),
		row("fdlist.nums", event.Text, "Descriptors that poll names."),
		row("fdlist.names", event.Text, "Names of the files that poll names."),
		row("fdlist.cips", event.Text, "Client addresses of the sockets that poll names."),
		row("fdlist.sips", event.Text, "Server addresses of the sockets that poll names."),
		row("fdlist.cports", event.Text, "Client ports of the sockets that poll names."),
		row("fdlist.sports", event.Text, "Server ports of the sockets that poll names."),
	}
}
