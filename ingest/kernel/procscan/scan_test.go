package procscan

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// fake is a process in a made-up /proc.
type fake struct {
	pid, ppid, ticks int
	state            string // empty: S
	cgroup           string
	mntns            int
	numbers          string // NStgid
}

func (f fake) write(t *testing.T, proc string) {
	t.Helper()
	dir := filepath.Join(proc, strconv.Itoa(f.pid))
	if err := os.MkdirAll(filepath.Join(dir, "ns"), 0o700); err != nil {
		t.Fatal(err)
	}
	if f.state == "" {
		f.state = "S"
	}
	if f.numbers == "" {
		f.numbers = strconv.Itoa(f.pid)
	}
	files := map[string]string{
		"stat":     fmt.Sprintf("%d (a) b (c) %s %d %d %d 34817 1 64 0 0 0 0 1 1 0 0 20 0 1 0 %d 0 0", f.pid, f.state, f.ppid, f.pid, f.pid, f.ticks),
		"status":   "Name:\ta\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nNStgid:\t" + f.numbers + "\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\n",
		"cgroup":   "4:cpu,memory:/mem\n0::" + f.cgroup + "\n",
		"loginuid": "1000",
		"cmdline":  "sh\x00-c\x00\xff\x00",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	links := map[string]string{"exe": "/bin/sh", "cwd": "/tmp", "ns/mnt": fmt.Sprintf("mnt:[%d]", f.mntns), "ns/pid": "pid:[7]"}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// tree is a node with a container (20, 21), what nsenter brought into its mount namespace (30), their ancestors and others.
func tree(t *testing.T) Config {
	proc := t.TempDir()
	for _, f := range []fake{
		{pid: 1, ticks: 1, cgroup: "/", mntns: 100},
		{pid: 10, ppid: 1, ticks: 50, cgroup: "/shim", mntns: 100},
		{pid: 11, ppid: 1, ticks: 51, cgroup: "/", mntns: 100},
		{pid: 20, ppid: 10, ticks: 60, cgroup: "/pod/c1", mntns: 200, numbers: "20\t1"},
		{pid: 21, ppid: 20, ticks: 61, cgroup: "/pod/c1", mntns: 200, numbers: "21\t7"},
		{pid: 22, ppid: 20, ticks: 62, cgroup: "/pod/c1", mntns: 200, state: "Z"},
		{pid: 15, ppid: 1, ticks: 70, cgroup: "/", mntns: 100},
		{pid: 30, ppid: 15, ticks: 71, cgroup: "/", mntns: 200},
		{pid: 12, ppid: 1, ticks: 80, cgroup: "/other", mntns: 300},
	} {
		f.write(t, proc)
	}
	for _, odd := range []string{"self", "99", "4294967296"} { // 99 has ended: its folder is empty
		if err := os.Mkdir(filepath.Join(proc, odd), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return Config{Proc: proc, IsContainer: func(path string) bool { return strings.HasPrefix(path, "/pod/") }}
}

func pids(found []kernel.Found) (out []uint32) {
	for _, f := range found {
		out = append(out, f.PID)
	}
	return out
}

func TestScanChooses(t *testing.T) {
	cfg := tree(t)
	f := func(host bool, want ...uint32) {
		t.Helper()
		cfg.Host = host
		found, err := Scan(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, pids(found)); diff != "" {
			t.Error(diff)
		}
	}
	f(false, 1, 10, 20, 21, 15, 30)
	f(true, 1, 10, 11, 20, 21, 15, 30, 12)
}

func TestScanReads(t *testing.T) {
	cfg := tree(t)
	cfg.Cgroup = t.TempDir()
	folder := filepath.Join(cfg.Cgroup, "pod", "c1")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	found, err := Scan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	want := kernel.Found{
		Process: kernel.Process{
			Key: kernel.Key{PID: 21, StartNs: 610_000_000}, Parent: kernel.Key{PID: 20, StartNs: 600_000_000},
			VPID: 7, VPPID: 1, SID: 21, VSID: 21, PGID: 21, VPGID: 21, TTY: 136<<20 | 1, LoginUID: 1000, Name: "a) b (c",
			Program: &kernel.Program{ExePath: "/bin/sh", Cwd: "/tmp", Args: []string{"sh", "-c", "\xff"}, Argc: 3, ArgvBytes: 8},
			Cred:    bpf.Cred{Uid: 1, Euid: 2, Suid: 3, Fsuid: 4, Gid: 5, Egid: 6, Sgid: 7, Fsgid: 8, CapEffective: 0xa80425fb},
			NS:      bpf.NS{Mnt: 200, Pid: 7}, PIDNSLevel: 1, Cgroup: inode(folder), NoNewPrivs: true,
		},
		CgroupPath: "/pod/c1",
	}
	got := found[3]
	got.ExeIno, got.ExeDev, got.ExeMode, got.ExeCtimeNs, got.ExeMtimeNs = 0, 0, 0, 0, 0
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(kernel.Program{})); diff != "" {
		t.Error(diff)
	}
}

func TestHost(t *testing.T) {
	cfg := tree(t)
	f, err := Host(cfg)
	if err != nil || f.PID != 1 || f.NS.Mnt != 100 {
		t.Errorf("%+v, %v", f, err)
	}
	if err := os.Remove(filepath.Join(cfg.Proc, "1", "ns", "mnt")); err != nil {
		t.Fatal(err)
	}
	if _, err := Host(cfg); err == nil {
		t.Error("namespaces that cannot be read were read")
	}
}

func TestScanWithoutProc(t *testing.T) {
	if _, err := Scan(Config{Proc: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("no error")
	}
}
