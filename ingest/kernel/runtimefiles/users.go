package runtimefiles

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Bounds of the lists of users and groups.
const (
	maxPasswd  = 256 << 10 // bytes
	maxEntries = 4096
	maxUser    = 64 // bytes of a name
	// maxStuck is how many containers' lists are read at a time. A file system that never answers keeps one of them.
	maxStuck = 4
)

// ErrBusy is given where as many lists are being read as may be: their file systems do not answer.
var ErrBusy = errors.New("too many lists of users are being read")

// NodeUsers reads the node's own names of users and groups.
func (f *Files) NodeUsers() (*kernel.Users, error) {
	return readUsers(f.node, idMaps{})
}

// Users reads the names of users and groups as the container sees them that a process is in: from its root folder, each id as the initial
// user namespace numbers it. Names are the container's own word. What c's file system does not answer before ctx ends is given up.
// A missing list is no error.
func (f *Files) Users(ctx context.Context, containerID string, pid uint32) (*kernel.Users, error) {
	select {
	case f.stuck <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	type answer struct {
		users *kernel.Users
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-f.stuck }()
		u, err := f.containerUsers(pid)
		done <- answer{u, err}
	}()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("users of container %s: %w", containerID, ctx.Err())
	case a := <-done:
		if a.err != nil {
			return nil, fmt.Errorf("users of container %s: %w", containerID, a.err)
		}
		a.users.ContainerID = containerID
		return a.users, nil
	}
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
