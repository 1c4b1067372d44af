package doctor

import "strings"

// mount is one line of /proc/self/mounts.
type mount struct{ target, fstype, options string }

// parseMounts reads /proc/self/mounts (fstab(5)); what is not such a line is left out.
func parseMounts(text string) (out []mount) {
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); len(f) >= 4 {
			out = append(out, mount{f[1], f[2], f[3]})
		}
	}
	return out
}

// cgroups tells which versions of cgroups are mounted.
func cgroups(mounts string) string {
	var v1, v2, memory bool
	for _, m := range parseMounts(mounts) {
		switch m.fstype {
		case "cgroup2":
			v2 = true
		case "cgroup":
			v1 = true
			memory = memory || hasOption(m.options, "memory")
		}
	}
	switch {
	case v1 && v2 && memory:
		return "hybrid: version 2, with the memory controller in version 1"
	case v1 && v2:
		return "hybrid: version 2 beside version 1"
	case v2:
		return "version 2"
	case v1:
		return "version 1"
	}
	return "(not known: no cgroup file system is mounted here)"
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

// traceFS tells where tracefs is. The sensor does not depend on it: it makes a mount that nobody sees.
func traceFS(mounts string) string {
	for _, m := range parseMounts(mounts) {
		if m.fstype == "tracefs" {
			return "mounted at " + m.target
		}
	}
	return "not mounted; the sensor opens it for itself where it needs it"
}
