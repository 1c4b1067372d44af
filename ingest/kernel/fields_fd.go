package kernel

import "github.com/parallax-sec/parallax/event"

func fdFields() []event.Field {
	return []event.Field{
		row("fd.num", event.Int, ofInt((*Event).fd), "The file descriptor that the call names: of setns, fsconfig, fsmount, open_tree, mount_setattr and fspick."),
		blank("fd.type", event.Text, noFiles, "What is open: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify, memfd and so on."),
		blank("fd.typechar", event.Text, noFiles, "The same as one letter: f file, d directory, 4 IPv4, 6 IPv6, u unix, p pipe and so on."),
		blank("fd.name", event.Text, noFiles, "Path of a file; of a socket both ends as address:port->address:port."),
		blank("fd.nameraw", event.Text, noFiles, "Path of a file as it was given, not resolved."),
		blank("fd.directory", event.Text, noFiles, "Directory of a file."),
		blank("fd.filename", event.Text, noFiles, "Name of a file without its directory."),
		blank("fd.containername", event.Text, noFiles, "Container id and name."),
		blank("fd.containerdirectory", event.Text, noFiles, "Container id and directory."),
		blank("fd.dev", event.Int, noFiles, "Number of the device that the file lies on."),
		blank("fd.dev.major", event.Int, noFiles, "Major number of that device."),
		blank("fd.dev.minor", event.Int, noFiles, "Minor number of that device."),
		blank("fd.ino", event.Int, noFiles, "Inode of the file."),
		blank("fd.types", event.Text, noFiles, "What is open, of each file that poll names."),
		blank("fd.uid", event.Text, noFiles, "Process id and file descriptor."),
		blank("fd.is_upper_layer", event.Bool, noFiles, "The file lies in the container's writable layer."),
		blank("fd.is_lower_layer", event.Bool, noFiles, "The file came with the image."),
		blank("fd.proto", event.Text, noNetwork, "Protocol of a connection by its port, such as http."),
		blank("fd.l4proto", event.Text, noNetwork, "tcp, udp, icmp or raw."),
		blank("fd.sockfamily", event.Text, noNetwork, "ip or unix."),
		blank("fd.is_server", event.Bool, noNetwork, "The process holds the server's end of the connection."),
		blank("fd.connected", event.Bool, noNetwork, "The socket is connected."),
		blank("fd.name_changed", event.Bool, noNetwork, "The event changed where the socket leads."),
		blank("fd.dev.hostname", event.Text, noFiles, "Name of the node that the device belongs to."),
	}
}

// addressFields are those of the two ends of a connection: client and server, local and remote, and either.
func addressFields() []event.Field {
	var out []event.Field
	ends := []struct{ letter, doc string }{
		{"c", "of the client"}, {"s", "of the server"}, {"l", "of this end"}, {"r", "of the other end"},
	}
	for _, e := range ends {
		out = append(out,
			blank("fd."+e.letter+"ip", event.IP, noNetwork, "Address "+e.doc+"."),
			blank("fd."+e.letter+"net", event.Net, noNetwork, "Address "+e.doc+", compared with networks."),
			blank("fd."+e.letter+"port", event.Number, noNetwork, "Port "+e.doc+"."),
			blank("fd."+e.letter+"proto", event.Text, noNetwork, "Protocol by the port "+e.doc+"."),
			blank("fd."+e.letter+"ip.name", event.Text, noNetwork, "Domain name of the address "+e.doc+"."))
	}
	return append(out,
		blank("fd.ip", event.IP, noNetwork, "Address of either end."),
		blank("fd.net", event.Net, noNetwork, "Address of either end, compared with networks."),
		blank("fd.port", event.Number, noNetwork, "Port of either end."))
}

// fd is the descriptor that the call names.
func (e *Event) fd() (int64, bool) {
	switch {
	case e.ns != nil && e.ns.Op == opSetns:
		return int64(e.ns.Fd), true
	case e.mount != nil:
		switch mountNames[e.mount.Op] {
		case "fsconfig", "fsmount", "open_tree", "mount_setattr", "fspick":
			return int64(e.mount.Fd), true
		}
	}
	return 0, false
}
