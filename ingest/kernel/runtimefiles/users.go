package runtimefiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Bounds of the lists of users and groups.
const (
	maxPasswd  = 256 << 10 // bytes
	maxEntries = kernel.MaxUsers
	maxUser    = kernel.MaxUserBytes
)

// NodeUsers reads the node's own names of users and groups.
func (f *Files) NodeUsers() (*kernel.Users, error) {
	return readUsers(f.node, idMaps{})
}

// Users reads the names of users and groups as the container sees them that a process is in: from its root folder, each id as the initial
// user namespace numbers it. Names are the container's own word. A missing list is no error. Users returns when the container's file system
// answers, which may be never: who calls it bounds how many calls there are at a time.
func (f *Files) Users(containerID string, pid uint32) (*kernel.Users, error) {
	u, err := f.containerUsers(pid)
	if err != nil {
		return nil, fmt.Errorf("users of container %s: %w", containerID, err)
	}
	u.ContainerID = containerID
	return u, nil
}

func (f *Files) containerUsers(pid uint32) (*kernel.Users, error) {
	proc := filepath.Join(f.proc, fmt.Sprint(pid))
	t, err := openTree(filepath.Join(proc, "root"))
	if err != nil {
		return nil, err
	}
	defer t.close()
	maps, err := readIDMaps(proc)
	if err != nil {
		return nil, err
	}
	return readUsers(t, maps)
}

// readUsers reads /etc/passwd and /etc/group of a tree.
func readUsers(t tree, maps idMaps) (*kernel.Users, error) {
	passwd, errUsers := readList(t, "/etc/passwd", maps.uids)
	group, errGroups := readList(t, "/etc/group", maps.gids)
	return &kernel.Users{Users: passwd, Groups: group}, errors.Join(errUsers, errGroups)
}

func readList(t tree, path string, ids idMap) (map[uint32]string, error) {
	b, err := t.read(path, maxPasswd)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseList(b, ids), nil
}
