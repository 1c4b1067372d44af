package runtimefiles

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Config says where the files are. The zero value is that of a program on the node itself.
type Config struct {
	// Root is where the node's root folder is seen, or those of its folders that are needed; empty: /. A DaemonSet has it at /host.
	Root string
	// Proc is where the node's processes are seen; empty: proc below Root.
	Proc string
	// Containerd, Storage, Docker and Runc are further folders of the runtimes, as the node names them, besides the usual ones:
	// containerd's state, the roots of containers/storage, Docker's data, and what runc and crun are given as --root.
	Containerd, Storage, Docker, Runc []string
}

// Files reads the files of one node.
type Files struct {
	node    tree
	at      string // where node is seen
	proc    string
	cgroups []hierarchy
	folders []Folder
}

// Folder is a folder that a runtime keeps its containers' files in.
type Folder struct {
	Runtime string // containerd, cri-o (which podman shares), docker, runc (or crun)
	Path    string // as the node names it
	Err     error  // why it cannot be read when Folders was asked, fs.ErrNotExist mostly; nil where it can
}

// New opens the node's root. Which folders are there is looked up each time, since runtimes come and go.
func New(cfg Config) (*Files, error) {
	at := orDefault(cfg.Root, "/")
	node, err := openTree(at)
	if err != nil {
		return nil, fmt.Errorf("root of the node: %w", err)
	}
	f := &Files{node: node, at: at, proc: orDefault(cfg.Proc, filepath.Join(at, "proc"))}
	f.add("containerd", cfg.Containerd, "/run/containerd", "/run/k3s/containerd")
	f.add("cri-o", cfg.Storage, "/run/containers/storage", "/var/lib/containers/storage")
	f.add("docker", cfg.Docker, "/var/lib/docker")
	f.add("runc", cfg.Runc, "/run/runc", "/run/crun")
	f.cgroups = f.hierarchies()
	return f, nil
}

// Proc is where the node's processes are seen.
func (f *Files) Proc() string { return f.proc }

// Close gives the descriptors back.
func (f *Files) Close() error {
	for _, h := range f.cgroups {
		h.close()
	}
	f.node.close()
	return nil
}

func (f *Files) add(runtime string, further []string, usual ...string) {
	for _, path := range append(usual, further...) {
		f.folders = append(f.folders, Folder{Runtime: runtime, Path: filepath.Clean(path)})
	}
}

// Folders are the folders that are looked into, and which of them are there. For doctor.
func (f *Files) Folders() []Folder {
	out := make([]Folder, 0, len(f.folders))
	for _, d := range f.folders {
		dir, err := f.node.open(d.Path, unix.O_DIRECTORY)
		if err == nil {
			err = dir.Close()
		}
		d.Err = err
		out = append(out, d)
	}
	return out
}

// root is the tree that a process sees; false where it is the node's own.
func (f *Files) root(pid uint32) (tree, bool) {
	t, err := openTree(fmt.Sprintf("%s/%d/root", f.proc, pid))
	if err != nil {
		return tree{}, false
	}
	if f.sameTree(t) {
		t.close()
		return tree{}, false
	}
	return t, true
}

func (f *Files) sameTree(t tree) bool {
	a, errA := mountOf(f.node.root)
	b, errB := mountOf(t.root)
	return errA == nil && errB == nil && a == b
}

// mountOf identifies what a root folder is: mount and inode. A mount has another id in each mount namespace.
func mountOf(file *os.File) (id [2]uint64, err error) {
	var st unix.Statx_t
	err = unix.Statx(int(file.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_MNT_ID, &st)
	return [2]uint64{st.Mnt_id, st.Ino}, err
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
