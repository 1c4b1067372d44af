package sensor

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/ingest/kernel/procscan"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
)

// Node is what a Source asks about the node, besides the kernel. Describe and Users are called by several goroutines.
type Node struct {
	Parser *cgroup.Parser
	// Host returns the process whose namespaces are the node's.
	Host func() (kernel.Found, error)
	// Cgroups yields all cgroups, those above first, and Ancestry those from the root down to one; none where it is gone.
	Cgroups  func(yield func(id uint64, path string)) error
	Ancestry func(id uint64) []runtimefiles.Cgroup
	// Processes returns those that run, in the order of their starts.
	Processes func() ([]kernel.Found, error)
	// Describe fills in what the runtime's files tell of a container; false: they are not there. maker is the process that made its
	// cgroup; 0: not known.
	Describe func(c *kernel.Container, maker uint32) bool
	// Users returns the names of a container's users, by the files that its process pid sees, which may take for ever; with a nil container
	// those of the node.
	Users func(c *kernel.Container, pid uint32) (*kernel.Users, bool)
}

// NewNode returns what asks the node that files are of; parser reads the paths of its cgroups. host says whether processes outside of containers are to be found, too.
func NewNode(files *runtimefiles.Files, parser *cgroup.Parser, host bool) Node {
	scan := procscan.Config{Host: host, IsContainer: func(path string) bool {
		_, ok := parser.Parse(path)
		return ok
	}}
	scan.Proc, scan.CgroupRoot = files.Proc(), files.OwnRoot()
	scan.Cgroup, scan.Memory = files.Mounted()
	return Node{
		Parser:    parser,
		Host:      func() (kernel.Found, error) { return procscan.Host(scan) },
		Cgroups:   files.ScanCgroups,
		Ancestry:  files.Ancestry,
		Processes: func() ([]kernel.Found, error) { return procscan.Scan(scan) },
		Describe: func(c *kernel.Container, maker uint32) bool {
			ok, err := files.Lookup(c, maker)
			return ok && err == nil
		},
		Users: func(c *kernel.Container, pid uint32) (*kernel.Users, bool) { return users(files, c, pid) },
	}
}

func users(files *runtimefiles.Files, c *kernel.Container, pid uint32) (*kernel.Users, bool) {
	if c == nil {
		u, err := files.NodeUsers()
		return u, err == nil
	}
	u, err := files.Users(c.ID, pid)
	return u, err == nil && mountNS(files.Proc(), pid) == c.MntNS // else the number is another process's by now, perhaps one of another container
}

// mountNS is the inode of the mount namespace of a process in proc; 0 where there is no such process.
func mountNS(proc string, pid uint32) uint32 {
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("%s/%d/ns/mnt", proc, pid), &st); err != nil {
		return 0
	}
	return uint32(st.Ino)
}
