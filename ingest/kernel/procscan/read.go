package procscan

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// scanner reads processes one after the other.
type scanner struct {
	cfg     Config
	cgroups map[string]uint64 // ids of folders, by hierarchy and path
	levels  map[uint32]uint32 // of user namespaces
	slow    *slowReader
}

func newScanner(cfg Config) *scanner {
	cfg = cfg.withDefaults()
	return &scanner{cfg: cfg, cgroups: map[string]uint64{}, levels: map[uint32]uint32{}, slow: newSlowReader(cfg.Proc)}
}

func (s *scanner) close() { s.slow.close() }

// Bounds of files in bytes. The status of a process holds its supplementary groups, of which there can be 65,536.
const (
	maxStat   = 4 << 10
	maxStatus = 1 << 20
	maxCgroup = 64 << 10
)

// read reads one process; false where it has ended, or ended while it was read.
func (s *scanner) read(pid uint32) (process, bool) {
	var p process
	name := strconv.FormatUint(uint64(pid), 10)
	before, ok := parseStat(s.file(name, "stat", maxStat))
	if !ok || before.dead() {
		return p, false
	}
	p.Process = before.process(pid)
	status, ok := parseStatus(s.file(name, "status", maxStatus))
	if !ok {
		return p, false
	}
	status.tell(&p.Process)
	s.tellNamespaces(name, &p.Process)
	s.tellCgroup(name, &p)
	p.LoginUID = parseUint32(strings.TrimSpace(string(s.file(name, "loginuid", 16))), noLogin)
	p.Program = s.program(name, before.kthread())
	p.inContainer = p.inContainer || p.PIDNSLevel > 0
	after, ok := parseStat(s.file(name, "stat", maxStat))
	return p, ok && after.startTicks == before.startTicks && !after.dead()
}

// noLogin is the audit uid of those who did not log in, and of kernels that know none.
const noLogin = 0xffffffff

// file reads a file of a process; empty where it cannot be read.
func (s *scanner) file(pid, name string, limit int64) []byte {
	return readFile(filepath.Join(s.cfg.Proc, pid, name), limit)
}

func readFile(path string, limit int64) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil
	}
	return b
}

// program is what a process runs. The kernel's own threads run none.
func (s *scanner) program(pid string, kthread bool) *kernel.Program {
	p := new(kernel.Program)
	if kthread {
		return p
	}
	p.ExePath, _ = os.Readlink(filepath.Join(s.cfg.Proc, pid, "exe"))
	p.Cwd, _ = os.Readlink(filepath.Join(s.cfg.Proc, pid, "cwd"))
	s.slow.read(pid).tell(p)
	if p.ExeDeleted {
		p.ExePath = undeleted(p.ExePath)
	}
	return p
}

// undeleted is the path that a file had, of a memfd its name without a slash, as the process table has it.
func undeleted(path string) string {
	path = strings.TrimSuffix(path, " (deleted)")
	if strings.HasPrefix(path, "/memfd:") {
		return path[1:]
	}
	return path
}

// tellCgroup reads the cgroup that records would name: that of version 2, and of the memory hierarchy where that is the root.
func (s *scanner) tellCgroup(pid string, p *process) {
	v2, memory := parseCgroup(s.file(pid, "cgroup", maxCgroup))
	v2 = absolute(v2, s.cfg.CgroupRoot)
	if v2 == "/" && s.cfg.Memory != "" && memory != "" {
		p.CgroupPath, p.Cgroup = memory, s.cgroupID(s.cfg.Memory, memory)
		if p.Cgroup != 0 {
			p.Cgroup |= bpf.CgroupV1
		}
	} else {
		p.CgroupPath, p.Cgroup = v2, s.cgroupID(s.cfg.Cgroup, v2)
	}
	p.inContainer = p.CgroupPath != "" && s.cfg.IsContainer(p.CgroupPath)
}

// cgroupID is the inode number of a cgroup's folder, which is the id that the kernel gives it; 0 where it is not to be had.
func (s *scanner) cgroupID(root, path string) uint64 {
	if root == "" || path == "" {
		return 0
	}
	folder := filepath.Join(root, path)
	id, ok := s.cgroups[folder]
	if !ok {
		id = inode(folder)
		s.cgroups[folder] = id
	}
	return id
}
