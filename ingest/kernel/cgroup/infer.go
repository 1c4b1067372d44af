package cgroup

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Infer gives the identity of a container whose path has no known shape: plain runc or crun with a path of its own (/qlab/c1).
// A path cannot tell that there is a container, so the caller has seen it: a process that is the first of a pid namespace runs a
// program in this cgroup, and the process that brought it there is in another one. A path that Parse knows gives what Parse says.
//
// The id is the name of the last component: c1. Components from a systemd unit on that lies below something else are cut first,
// since a systemd inside the container made them: /lxc/c1/init.scope gives c1. Instead of a name that is none (see ValidName) the id is
// an x and 32 hexadecimal digits of the path's SHA-256. There is no identity where the cgroup is the node's own: the root, units of the
// node's systemd all the way, or the kubelet's folders.
func (p *Parser) Infer(path string) (Identity, bool) {
	if id, ok := p.Parse(path); ok {
		return id, true
	}
	parts, ok := split(path)
	if !ok {
		return Identity{}, false
	}
	base := p.base(parts)
	below := parts[base:]
	id, folder := p.folder(below)
	own := max(units(below), folder)
	if own == len(below) {
		return Identity{}, false
	}
	n := own + 1
	for n < len(below) && !isUnit(below[n]) {
		n++
	}
	id.ContainerID, id.Path = below[n-1], join(parts[:base+n])
	if !ValidName(id.ContainerID) {
		sum := sha256.Sum256([]byte(id.Path))
		id.ContainerID = "x" + hex.EncodeToString(sum[:16])
	}
	return id, true
}

// folder is the kubelet's folder that parts are or lie below, and how many components it takes.
func (p *Parser) folder(parts []string) (Identity, int) {
	for _, kubelet := range append([][]string{nil}, p.kubelets...) {
		if id, n := podFolder(parts, kubelet); n > 0 {
			return id, n
		}
	}
	return Identity{}, 0
}

// units is how many components from the root on are systemd units.
func units(parts []string) int {
	n := 0
	for n < len(parts) && isUnit(parts[n]) {
		n++
	}
	return n
}

// isUnit says whether s is named like a unit that has a cgroup (systemd.unit(5)).
func isUnit(s string) bool {
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || strings.IndexByte(s, ':') >= 0 {
		return false
	}
	switch s[i:] {
	case ".slice", ".service", ".scope", ".mount", ".socket", ".swap":
		return true
	}
	return false
}
