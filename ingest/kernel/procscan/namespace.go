package procscan

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"golang.org/x/sys/unix"
)

// tellNamespaces reads the inode numbers of a process's namespaces; 0 where they may not be read.
func (s *scanner) tellNamespaces(pid string, p *kernel.Process) {
	ns := &p.NS
	for name, to := range map[string]*uint32{"mnt": &ns.Mnt, "pid": &ns.Pid, "net": &ns.Net, "ipc": &ns.Ipc, "uts": &ns.Uts, "cgroup": &ns.Cgroup} {
		*to, _ = s.namespace(pid, name)
	}
	p.Cred.Userns, _ = s.namespace(pid, "user")
	p.Cred.UsernsLevel = s.usernsLevel(pid, p.Cred.Userns)
}

// namespace is the inode number of a namespace, from a link such as mnt:[4026531840].
func (s *scanner) namespace(pid, name string) (uint32, bool) {
	link, err := os.Readlink(filepath.Join(s.cfg.Proc, pid, "ns", name))
	if err != nil {
		return 0, false
	}
	number, ok := strings.CutPrefix(link, name+":[")
	if !ok {
		return 0, false
	}
	n := parseUint32(strings.TrimSuffix(number, "]"), 0)
	return n, n != 0
}

// maxUsernsLevel is the kernel's bound (create_user_ns, kernel/user_namespace.c).
const maxUsernsLevel = 32

// usernsLevel is how deep a user namespace lies below the initial one, as seen by a reader in that one: the kernel tells a namespace's
// parent (ioctl_nsfs(2), NS_GET_PARENT) up to the reader's own.
func (s *scanner) usernsLevel(pid string, inum uint32) uint32 {
	if inum == 0 {
		return 0
	}
	level, ok := s.levels[inum]
	if !ok {
		level = countParents(filepath.Join(s.cfg.Proc, pid, "ns", "user"))
		s.levels[inum] = level
	}
	return level
}

func countParents(path string) uint32 {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	level := uint32(0)
	for ; level < maxUsernsLevel; level++ {
		parent, err := unix.IoctlRetInt(fd, unix.NS_GET_PARENT)
		if err != nil {
			break
		}
		unix.Close(fd)
		fd = parent
	}
	unix.Close(fd)
	return level
}

func inode(path string) uint64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	return st.Ino
}
