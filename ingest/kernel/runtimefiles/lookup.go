package runtimefiles

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
)

// Lookup fills in what the runtimes' files tell of a container; those of its runtime, as c tells it or by a guess, come first. What c
// tells already of its identity (id, pod uid, cgroup) stays. maker is a process of the runtime, such as the one that made the container's
// cgroup or the parent of its first process: its root is looked into as well where it is another one than the node's. 0: none.
//
// found is false where no file tells of the container. An error is that of a file which is there and could not be read.
func (f *Files) Lookup(c *kernel.Container, maker uint32) (found bool, err error) {
	if !cgroup.ValidName(c.ID) {
		return false, fmt.Errorf("container id %q is no name", c.ID)
	}
	found, err = f.lookupIn(f.node, c)
	if found || maker == 0 {
		return found, err
	}
	if t, ok := f.root(maker); ok {
		defer t.close()
		found, err = f.lookupIn(t, c)
	}
	return found, err
}

// readers read a container's files below a folder of their runtime.
var readers = map[string]func(t tree, folder string, c *kernel.Container) (bool, error){
	"containerd": readContainerd,
	"cri-o":      readStorage,
	"docker":     readDocker,
	"runc":       readRunc,
}

func (f *Files) lookupIn(t tree, c *kernel.Container) (bool, error) {
	var errs []error
	for _, folder := range f.inOrder(c.Runtime) {
		found, err := readers[folder.Runtime](t, folder.Path, c)
		if found {
			return true, nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return false, errors.Join(errs...)
}

// inOrder is the folders, those of a runtime first. Docker's containers have files of containerd too, so that Docker comes first.
func (f *Files) inOrder(runtime string) []Folder {
	switch runtime {
	case "podman":
		runtime = "cri-o"
	case "crun":
		runtime = "runc"
	case "":
		runtime = "docker"
	}
	out := slices.Clone(f.folders)
	slices.SortStableFunc(out, func(a, b Folder) int { return rank(a, runtime) - rank(b, runtime) })
	return out
}

func rank(d Folder, first string) int {
	if d.Runtime == first {
		return 0
	}
	return 1
}
