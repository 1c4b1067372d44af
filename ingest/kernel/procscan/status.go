package procscan

import (
	"path"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// status is what /proc/PID/status tells (proc_pid_status(5)), by the names of its lines.
type status map[string]string

func parseStatus(b []byte) (status, bool) {
	s := status{}
	for line := range strings.Lines(string(b)) {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		switch name {
		case "Uid", "Gid", "NStgid", "NSpgid", "NSsid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs":
			s[name] = strings.TrimSpace(value)
		}
	}
	return s, s["Uid"] != "" && s["Gid"] != ""
}

// tell takes over ids, credentials and the numbers in the innermost pid namespace.
func (s status) tell(p *kernel.Process) {
	uid, gid := s.ids("Uid"), s.ids("Gid")
	c := &p.Cred
	c.Uid, c.Euid, c.Suid, c.Fsuid = uid[0], uid[1], uid[2], uid[3]
	c.Gid, c.Egid, c.Sgid, c.Fsgid = gid[0], gid[1], gid[2], gid[3]
	c.CapInheritable, c.CapPermitted, c.CapEffective = s.caps("CapInh"), s.caps("CapPrm"), s.caps("CapEff")
	c.CapBounding, c.CapAmbient = s.caps("CapBnd"), s.caps("CapAmb")
	p.NoNewPrivs = s["NoNewPrivs"] == "1"
	numbers := strings.Fields(s["NStgid"])
	p.VPID = innermost(numbers, p.PID)
	p.PIDNSLevel = uint32(max(len(numbers), 1) - 1)
	p.VPGID = innermost(strings.Fields(s["NSpgid"]), p.PGID)
	p.VSID = innermost(strings.Fields(s["NSsid"]), p.SID)
}

// ids are the real, effective, saved and filesystem id.
func (s status) ids(name string) (out [4]uint32) {
	for i, f := range strings.Fields(s[name]) {
		if i < len(out) {
			out[i] = parseUint32(f, 0xffffffff)
		}
	}
	return out
}

func (s status) caps(name string) uint64 {
	n, err := strconv.ParseUint(s[name], 16, 64)
	if err != nil {
		return 0
	}
	return n
}

// innermost is the last number of a line that has one for each pid namespace, or outer where the kernel tells none.
func innermost(numbers []string, outer uint32) uint32 {
	if len(numbers) == 0 {
		return outer
	}
	return parseUint32(numbers[len(numbers)-1], outer)
}

func parseUint32(s string, otherwise uint32) uint32 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return otherwise
	}
	return uint32(n)
}

// parseCgroup gives the paths of /proc/PID/cgroup that count (cgroups(7)): of version 2, and of the memory controller of version 1. That of
// a removed folder is left out.
func parseCgroup(b []byte) (v2, memory string) {
	for line := range strings.Lines(string(b)) {
		id, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		controllers, at, ok := strings.Cut(rest, ":")
		if !ok || !strings.HasPrefix(at, "/") || strings.HasSuffix(at, " (deleted)") {
			continue
		}
		switch {
		case id == "0" && controllers == "":
			v2 = at
		case hasWord(controllers, "memory") && !leadsOut(at):
			memory = at
		}
	}
	return v2, memory
}

// leadsOut says whether a path is one outside of the reader's cgroup namespace, whose root it climbs from (cgroup_namespaces(7)).
func leadsOut(path string) bool { return strings.HasPrefix(path, "/..") }

// absolute is a path of version 2 from the root of its hierarchy, where the reader's cgroup namespace has its root at root; empty where
// neither tells it.
func absolute(p, root string) string {
	switch {
	case p == "" || root == "" && leadsOut(p):
		return ""
	case root == "":
		return p
	}
	return path.Join(root, p)
}

func hasWord(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}
