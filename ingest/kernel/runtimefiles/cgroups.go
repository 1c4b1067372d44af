package runtimefiles

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"golang.org/x/sys/unix"
)

// hierarchy is a tree of cgroups that records name cgroups of.
type hierarchy struct {
	tree
	folder string // as the node names it
	v1     uint64 // bpf.CgroupV1 or 0
}

// ErrNoCgroups is given where no hierarchy of cgroups is mounted, or only a part of it that a cgroup namespace shows.
var ErrNoCgroups = errors.New("no cgroup2 or memory hierarchy of the node is mounted at /sys/fs/cgroup")

// hierarchies are those mounted where systemd mounts them: cgroup2 alone, or as unified beside the v1 hierarchies, of which the kernel's
// programs read that of the memory controller.
func (f *Files) hierarchies() []hierarchy {
	var out []hierarchy
	for _, h := range []struct {
		folder string
		magic  int64
		v1     uint64
	}{
		{"/sys/fs/cgroup", unix.CGROUP2_SUPER_MAGIC, 0},
		{"/sys/fs/cgroup/unified", unix.CGROUP2_SUPER_MAGIC, 0},
		{"/sys/fs/cgroup/memory", unix.CGROUP_SUPER_MAGIC, bpf.CgroupV1},
	} {
		dir, err := f.node.open(h.folder, unix.O_DIRECTORY)
		if err != nil {
			continue
		}
		if isWhole(dir, h.magic) {
			out = append(out, hierarchy{tree{dir}, h.folder, h.v1})
		} else {
			_ = dir.Close()
		}
	}
	return out
}

// Mounted is where the hierarchies are seen that records name cgroups of: version 2, and the memory hierarchy of version 1. Empty where
// there is none.
func (f *Files) Mounted() (v2, memory string) {
	for _, h := range f.cgroups {
		if h.v1 != 0 {
			memory = filepath.Join(f.at, h.folder)
		} else {
			v2 = filepath.Join(f.at, h.folder)
		}
	}
	return v2, memory
}

// OwnRoot is the root of this process's cgroup namespace, as a path from the root of version 2: what paths in /proc/PID/cgroup are relative
// to when this process reads them (cgroup_namespaces(7)). A container has such a namespace of its own, mostly. Empty where it is not known.
func (f *Files) OwnRoot() string {
	for _, folder := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		var fs unix.Statfs_t
		var st unix.Stat_t
		if unix.Statfs(folder, &fs) != nil || fs.Type != unix.CGROUP2_SUPER_MAGIC || unix.Stat(folder, &st) != nil {
			continue
		}
		if st.Ino == rootInode {
			return "/"
		}
		return f.pathOf(st.Ino)
	}
	return ""
}

// pathOf finds the cgroup of version 2 with an id; empty where it is not there.
func (f *Files) pathOf(id uint64) (found string) {
	for _, h := range f.cgroups {
		if h.v1 == 0 {
			_ = h.scan(func(at uint64, path string) { // without CAP_DAC_READ_SEARCH there is no shorter way
				if at == id {
					found = path
				}
			})
		}
	}
	return found
}

// rootInode is the number of the first folder of a kernfs (kernfs_create_root).
const rootInode = 1

// isWhole says whether a folder is the root of a hierarchy. One below it that a cgroup namespace shows as a root has another number.
func isWhole(dir *os.File, magic int64) bool {
	var fs unix.Statfs_t
	if unix.Fstatfs(int(dir.Fd()), &fs) != nil || fs.Type != magic {
		return false
	}
	ino, err := inode(dir)
	return err == nil && ino == rootInode
}

func inode(dir *os.File) (uint64, error) {
	var st unix.Stat_t
	err := unix.Fstat(int(dir.Fd()), &st)
	return st.Ino, err
}

// maxCgroups bounds a scan, and the entries of one folder.
const maxCgroups = 1 << 17

// ScanCgroups yields all cgroups there are with their ids, as records have them, and their paths from the root of their hierarchy; an outer
// one before those in it. It ends early where there are more than 131,072, which only somebody makes who wants to hide others: those nearest
// to the root come first.
func (f *Files) ScanCgroups(yield func(id uint64, path string)) error {
	if len(f.cgroups) == 0 {
		return ErrNoCgroups
	}
	for _, h := range f.cgroups {
		if err := h.scan(yield); err != nil {
			return err
		}
	}
	return nil
}

func (h hierarchy) scan(yield func(id uint64, path string)) error {
	seen := 0
	for level := []string{"/"}; len(level) > 0; {
		var next []string
		for _, p := range level {
			if seen++; seen > maxCgroups {
				return fmt.Errorf("scan cgroups: more than %d", maxCgroups)
			}
			below, err := h.visit(p, yield)
			if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, unix.ENODEV) {
				return fmt.Errorf("scan cgroups: %w", err)
			}
			next = append(next, below...)
		}
		level = next
	}
	return nil
}

// visit yields one folder, and gives those in it. A folder may vanish meanwhile.
func (h hierarchy) visit(p string, yield func(id uint64, path string)) ([]string, error) {
	dir, err := h.open(p, unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	id, err := inode(dir)
	if err != nil {
		return nil, err
	}
	yield(id|h.v1, p)
	entries, err := dir.ReadDir(maxCgroups)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	var below []string
	for _, e := range entries {
		if e.IsDir() {
			below = append(below, path.Join(p, e.Name()))
		}
	}
	slices.Sort(below)
	return below, err
}

// Cgroup is one cgroup: its id, as records have it, and its path from the root of its hierarchy.
type Cgroup struct {
	ID   uint64
	Path string
}

// kernfsHandle is the type of a file handle that is the number of a kernfs folder (FILEID_KERNFS of enum fid_type).
const kernfsHandle = 0xfe

// Ancestry finds the cgroup of an id, without looking through the tree, and gives all from the root down to it. Nothing where it is not
// there any more. It needs CAP_DAC_READ_SEARCH.
func (f *Files) Ancestry(id uint64) []Cgroup {
	for _, h := range f.cgroups {
		if id&bpf.CgroupV1 != h.v1 {
			continue
		}
		if p, ok := h.pathOf(id &^ bpf.CgroupV1); ok {
			return h.ancestry(p)
		}
	}
	return nil
}

func (h hierarchy) pathOf(ino uint64) (string, bool) {
	handle := unix.NewFileHandle(kernfsHandle, binary.NativeEndian.AppendUint64(nil, ino))
	fd, err := unix.OpenByHandleAt(int(h.root.Fd()), handle, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return "", false
	}
	defer unix.Close(fd)
	mount, errMount := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", h.root.Fd()))
	p, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	if err != nil || errMount != nil {
		return "", false
	}
	p, ok := strings.CutPrefix(p, mount)
	return orDefault(p, "/"), ok && (p == "" || p[0] == '/')
}

// ancestry gives the folders from the root to p; less where some are gone meanwhile.
func (h hierarchy) ancestry(p string) []Cgroup {
	var out []Cgroup
	at := "/"
	for _, s := range append([]string{""}, strings.Split(p, "/")[1:]...) {
		if s == "" && len(out) > 0 {
			continue
		}
		at = path.Join(at, s)
		dir, err := h.open(at, unix.O_DIRECTORY)
		if err != nil {
			return out
		}
		id, err := inode(dir)
		_ = dir.Close()
		if err != nil {
			return out
		}
		out = append(out, Cgroup{ID: id | h.v1, Path: at})
	}
	return out
}
