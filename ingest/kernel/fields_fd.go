package kernel

import "github.com/parallax-sec/parallax/event"

func fdFields() []event.Field {
	return []event.Field{
		row("fd.num", event.Int, "The file descriptor; negative where opening failed."),
		row("fd.type", event.Text, "What is open: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify, memfd and so on."),
		row("fd.typechar", event.Text, "The same as one letter: f file, d directory, 4 IPv4, 6 IPv6, u unix, p pipe and so on."),
		row("fd.name", event.Text, "Path of a file; of a socket both ends as address:port->address:port."),
		row("fd.nameraw", event.Text, "Path of a file as it was given, not resolved."),
		row("fd.directory", event.Text, "Directory of a file."),
		row("fd.filename", event.Text, "Name of a file without its directory."),
		row("fd.containername", event.Text, "Container id and name."),
		row("fd.containerdirectory", event.Text, "Container id and directory."),
		row("fd.dev", event.Int, "Number of the device that the file lies on."),
		row("fd.dev.major", event.Int, "Major number of that device."),
		row("fd.dev.minor", event.Int, "Minor number of that device."),
		row("fd.ino", event.Int, "Inode of the file."),
		row("fd.types", event.Text, "What is open, of each file that poll names."),
		row("fd.uid", event.Text, "Process id and file descriptor."),
		row("fd.is_upper_layer", event.Bool, "The file lies in the container's writable layer."),
		row("fd.is_lower_layer", event.Bool, "The file came with the image."),
		row("fd.proto", event.Text, "Protocol of a connection by its port, such as http."),
		row("fd.l4proto", event.Text, "tcp, udp, icmp or raw."),
		row("fd.sockfamily", event.Text, "ip or unix."),
		row("fd.is_server", event.Bool, "The process holds the server's end of the connection."),
		row("fd.connected", event.Bool, "The socket is connected."),
		row("fd.name_changed", event.Bool, "The event changed where the socket leads."),
		row("fd.dev.hostname", event.Text, "Name of the node that the device belongs to."),
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
			row("fd."+e.letter+"ip", event.IP, "Address "+e.doc+"."),
			row("fd."+e.letter+"net", event.Net, "Address "+e.doc+", compared with networks."),
			row("fd."+e.letter+"port", event.Number, "Port "+e.doc+"."),
			row("fd."+e.letter+"proto", event.Text, "Protocol by the port "+e.doc+"."),
			row("fd."+e.letter+"ip.name", event.Text, "Domain name of the address "+e.doc+"."))
	}
	return append(out,
		row("fd.ip", event.IP, "Address of either end."),
		row("fd.net", event.Net, "Address of either end, compared with networks."),
		row("fd.port", event.Number, "Port of either end."))
}
