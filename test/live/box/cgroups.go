//go:build linux

package box

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Hierarchies are the places at which this machine's cgroup hierarchies are mounted.
type Hierarchies struct {
	V2  string   // empty: there is none
	All []string // V2 and those of version 1
}

// Pure says that there is only the hierarchy of version 2, at the usual place.
func (h *Hierarchies) Pure() bool { return len(h.All) == 1 && h.V2 == "/sys/fs/cgroup" }

// FindHierarchies reads this process' list of mounts (proc_pid_mountinfo(5)).
func FindHierarchies() (*Hierarchies, error) {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("find the cgroup hierarchies: %w", err)
	}
	return hierarchiesIn(string(text)), nil
}

func hierarchiesIn(mountinfo string) *Hierarchies {
	h := &Hierarchies{}
	for line := range strings.Lines(mountinfo) {
		mount, fs, _ := strings.Cut(line, " - ")
		fields, fstype := strings.Fields(mount), strings.Fields(fs)
		if len(fields) < 5 || len(fstype) == 0 {
			continue
		}
		switch fstype[0] {
		case "cgroup2":
			h.V2 = fields[4]
			h.All = append(h.All, fields[4])
		case "cgroup":
			h.All = append(h.All, fields[4])
		}
	}
	return h
}

// Remove removes a cgroup from all hierarchies, and those above it that are empty then.
func (h *Hierarchies) Remove(cgroup string) {
	for _, root := range h.All {
		for p := path.Clean("/" + cgroup); p != "/"; p = path.Dir(p) {
			if err := unix.Rmdir(filepath.Join(root, p)); err != nil && err != unix.ENOENT {
				break
			}
		}
	}
}
