package kernel

import (
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// podStart begins the stream of a node with a pod's container, two names of users there, and the node's own.
func podStart() []any {
	host := bpf.NS{Mnt: 1, Pid: 2, Net: 3, Ipc: 4, Uts: 5, Cgroup: 6}
	priv := false
	return []any{
		&Fact{Start: &Start{Node: "node-1", BootID: "boot", Epoch: 5, OffsetNs: 1e18, BootNs: 100, HostNS: Found{Process: Process{NS: host, Program: &Program{}}}}},
		&Fact{Container: &Container{
			ID: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", PodUID: "11111111-2222-3333-4444-555555555555", Runtime: "containerd",
			CgroupID: 50, CgroupPath: "/kubepods/x", MntNS: 11, PIDNS: 12, StartNs: 500, Name: "api", Image: "reg.io:5000/shop/api:1.4@sha256:abcd",
			ImageID: "sha256:ef", Pod: "api-7c9", Namespace: "payments", SandboxID: "fedcba9876543210", Labels: map[string]string{"b": "2", "a": "1"}, Privileged: &priv,
		}},
		&Fact{Users: &Users{
			ContainerID: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
			Users:       map[uint32]string{33: "www-data"}, Groups: map[uint32]string{33: "www"},
		}},
		&Fact{Users: &Users{Users: map[uint32]string{1000: "alice"}}},
	}
}

// inPod makes the head one of a process in that container.
func inPod(h *bpf.Head) {
	h.Cgroup, h.Ns = 50, bpf.NS{Mnt: 11, Pid: 12, Net: 3, Ipc: 4, Uts: 15, Cgroup: 16}
	h.PidnsLevel = 1
	h.Flags |= bpf.FlagScopePidNS | bpf.FlagScopeCgroup
	h.Loginuid = noLogin
}

// podExec is an exec in the container.
func podExec(change func(*bpf.Exec), exe, argv string) []byte {
	return execRecord(func(r *bpf.Exec) {
		inPod(&r.Head)
		r.ExeIno, r.ExeOrigin, r.ExeCtimeNs, r.ExeMode = 77, originLower, 1e18+300, 0o100755
		change(r)
	}, "", exe, "tmp\x00", argv)
}

func comm16(s string) (out [16]uint8) {
	copy(out[:], s)
	return out
}

// podFork is a fork in the container.
func podFork(change func(*bpf.Head)) []byte {
	var h bpf.Head
	inPod(&h)
	change(&h)
	return bytesOf(&h, bpf.KindFork)
}

// shellInPod is the entry point of the container, a shell that kubectl exec started, and what the shell runs.
func shellInPod() []any {
	return append(
		podStart(),
		podExec(func(r *bpf.Exec) {
			h := &r.Head
			h.TimeNs, h.Pid, h.Tid, h.StartNs, h.Vpid, h.Sid, h.Pgid, h.Comm = 1000, 100, 100, 900, 1, 100, 100, comm16("api")
			h.Ppid, h.ParentStartNs, h.ParentPidns, h.ParentMntns, h.ParentComm, h.ParentCgroup = 10, 5, 2, 1, comm16("containerd-shim"), 1
			h.Flags |= bpf.FlagEntry | bpf.FlagSubreaperParent
		}, "api\x00bin\x00", "/bin/api\x00"),
		podExec(func(r *bpf.Exec) {
			h := &r.Head
			h.TimeNs, h.Pid, h.Tid, h.StartNs, h.Vpid, h.Sid, h.Pgid, h.Vsid, h.Vpgid, h.Comm = 2000, 200, 200, 1900, 20, 200, 200, 20, 20, comm16("sh")
			h.Ppid, h.ParentStartNs, h.ParentPidns, h.ParentMntns, h.ParentComm, h.ParentCgroup = 11, 6, 2, 1, comm16("runc"), 1
			h.Tty, h.Cred.Uid, h.Cred.Euid, h.Cred.Egid, h.Cred.Suid = 136<<20|300, 33, 33, 33, 33
			h.Flags |= bpf.FlagEntry
		}, "dash\x00bin\x00", "sh\x00-i\x00"),
		podFork(func(h *bpf.Head) {
			h.TimeNs, h.Pid, h.Tid, h.StartNs, h.Vpid, h.Sid, h.Pgid, h.Vsid, h.Vpgid, h.Comm = 2900, 300, 300, 2900, 30, 200, 300, 20, 30, comm16("sh")
			h.Ppid, h.Vppid, h.ParentStartNs, h.ParentPidns, h.ParentMntns, h.ParentCgroup = 200, 20, 1900, 12, 11, 50
			h.Cred.Uid, h.Cred.Euid, h.Cred.Egid, h.Cred.Suid = 33, 33, 33, 33
			h.Flags |= bpf.FlagScopeMark
		}),
		podExec(func(r *bpf.Exec) {
			h := &r.Head
			h.TimeNs, h.Pid, h.Tid, h.StartNs, h.Vpid, h.Sid, h.Pgid, h.Vsid, h.Vpgid, h.Comm = 3000, 300, 301, 2900, 30, 200, 300, 20, 30, comm16("su")
			h.Ppid, h.Vppid, h.ParentStartNs, h.ParentPidns, h.ParentMntns, h.ParentCgroup = 200, 20, 1900, 12, 11, 50
			h.Tid, h.Tty, h.Cred.Uid, h.Cred.Egid, h.Cred.CapEffective, h.Cred.CapPermitted = 300, 136<<20|300, 33, 33, 1<<21|1, 1<<21|1
			h.Flags |= bpf.FlagScopeMark | bpf.FlagSecureExec | bpf.FlagSetuidFile
			r.ExeOrigin, r.Argc, r.ArgvTotal, r.ExeUid = originUpper, 3, 12, 0
		}, "su\x00bin\x00", "su\x00-\x00\xffroot\x00"),
	)
}

// expectLast decodes the parts and compares fields of the last event.
func expectLast(t *testing.T, parts []any, pairs ...string) {
	t.Helper()
	got := map[string]string{}
	faults := decode(frames(t, parts...), func(e *Event) {
		for i := 0; i < len(pairs); i += 2 {
			got[pairs[i]] = show(t, e, pairs[i])
		}
	})
	if faults != nil {
		t.Fatalf("faults %q", faults)
	}
	for i := 0; i < len(pairs); i += 2 {
		if got[pairs[i]] != pairs[i+1] {
			t.Errorf("%s = %s, want %s", pairs[i], got[pairs[i]], pairs[i+1])
		}
	}
}

func TestProcessFields(t *testing.T) {
	expectLast(
		t, shellInPod(),
		"evt.type", "execve", "evt.num", "4", "evt.deltatime", "100", "evt.reltime", "2900", "evt.hostname", "node-1",
		"proc.name", "su", "proc.exe", "su", "proc.exepath", "/bin/su", "proc.args", "- \xffroot", "proc.cmdline", "su - \xffroot", "proc.cwd", "/tmp/",
		"proc.exeline", "su - \xffroot", "proc.cmdnargs", "2", "proc.cmdlenargs", "6",
		"proc.pid", "300", "proc.vpid", "30", "proc.ppid", "200", "proc.pvpid", "20", "proc.sid", "200", "proc.pgid", "300", "proc.vpgid", "30",
		"proc.is_sid_leader", "false", "proc.is_pgid_leader", "true", "proc.is_vpgid_leader", "true",
		"proc.tty", "1083436", "proc.duration", "100", "proc.pid.ts", "1000000000000002900", "proc.ppid.duration", "1100",
		"proc.pname", "sh", "proc.pexe", "sh", "proc.pexepath", "/bin/dash", "proc.pcmdline", "sh -i",
		"proc.sname", "sh", "proc.sid.exe", "sh", "proc.pgid.name", "su", "proc.vpgid.exepath", "/bin/su",
		"proc.aname", "(sh)", "proc.aname[0]", "su", "proc.aname[1]", "sh", "proc.aname[2]", "<missing>", "proc.aexepath[1]", "/bin/dash",
		"proc.acmdline", "(sh -i)", "proc.apid", "(200)", "proc.apid[1]", "200", "proc.loginshellid", "200",
		"proc.is_exe_upper_layer", "true", "proc.is_exe_lower_layer", "false", "proc.is_exe_from_memfd", "false", "proc.is_exe_writable", "true",
		"proc.exe_ino", "77", "proc.exe_ino.ctime", "1000000000000000300", "proc.exe_ino.ctime_duration_proc_start", "2600",
		"proc.exe_ino.ctime_duration_pidns_start", "200", "proc.pidns_init_start_ts", "1000000000000000500",
		"evt.arg.flags", "EXE_WRITABLE|EXE_UPPER_LAYER", "evt.arg.uid", "root", "evt.arg.exe", "su", "evt.arg.cap_effective", "CAP_CHOWN|CAP_SYS_ADMIN",
		"thread.cap_effective", "CAP_CHOWN CAP_SYS_ADMIN", "thread.cap_inheritable", "", "thread.tid", "300", "thread.ismain", "true",
		"user.uid", "0", "user.name", "root", "group.gid", "33", "group.name", "www", "user.loginuid", "-1", "user.loginname", "<NA>",
		"proc.entry", "exec", "proc.entry.name", "sh", "proc.entry.cmdline", "sh -i", "proc.entry.by", "runc", "proc.entry.pid", "200", "proc.entry.duration", "1000",
		"proc.in_session", "true", "proc.is_entry", "false", "proc.is_runtime", "false",
		"argv.count", "3", "argv.bytes", "12", "argv.truncated", "false", "exe.origin", "upper", "exe.mode", "755", "exe.setuid", "true", "exe.deleted", "false",
		"cred.before.euid", "33", "cred.euid", "0", "cred.suid", "0", "cred.gained", "true", "cred.direction", "gain", "cred.gained_caps", "(CAP_CHOWN,CAP_SYS_ADMIN)",
		"cred.secure_exec", "true", "cred.userns_level", "0", "ns.target", "<missing>", "mount.source", "<missing>", "drop.count", "<missing>",
	)
}

func TestContainerFields(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	expectLast(
		t, shellInPod(),
		"container.id", id[:12], "container.full_id", id, "container.name", "api", "container.type", "containerd",
		"container.image", "reg.io:5000/shop/api:1.4@sha256:abcd", "container.image.repository", "reg.io:5000/shop/api", "container.image.tag", "1.4",
		"container.image.digest", "sha256:abcd", "container.image.id", "sha256:ef", "container.privileged", "false",
		"container.start_ts", "1000000000000000500", "container.duration", "2500", "container.label[a]", "1", "container.label[x]", "<missing>",
		"container.labels", "a:1, b:2", "container.host_pid", "false", "container.host_network", "true", "container.host_ipc", "true",
		"container.via", "cgroup", "container.sandbox", "false", "container.cgroup", "/kubepods/x",
		"k8s.pod.name", "api-7c9", "k8s.ns.name", "payments", "k8s.pod.uid", "11111111-2222-3333-4444-555555555555", "k8s.pod.sandbox_id", "fedcba987654",
		"k8s.pod.full_sandbox_id", "fedcba9876543210",
	)
	host := execRecord(func(r *bpf.Exec) { r.Head.Cred.Euid, r.Head.Loginuid, r.Head.Ppid = 5, 1000, 0 }, "", "", "", "")
	expectLast(
		t, append(podStart(), host),
		"container.id", "host", "container.full_id", "host", "container.name", "host", "container.image", "<missing>", "container.via", "<missing>",
		"user.name", "<NA>", "user.loginname", "alice", "proc.entry", "<missing>", "proc.pname", "<missing>", "k8s.pod.name", "<missing>", "proc.aname", "<missing>",
	)
}

func TestDropFields(t *testing.T) {
	expectLast(
		t, append(podStart(), &Fact{Lost: &Lost{BootNs: 9000, CPU: 3, Reason: "bulk_full", N: 12}}),
		"evt.type", "drop", "evt.cpu", "3", "drop.reason", "bulk_full", "drop.count", "12", "evt.args", "count=12", "evt.category", "internal",
		"proc.name", "<missing>", "container.id", "<missing>", "evt.res", "<missing>", "cred.euid", "<missing>", "proc.pname", "<missing>", "proc.aname[1]", "<missing>",
		"proc.sname", "<missing>", "thread.cap_effective", "<missing>", "proc.loginshellid", "<missing>", "user.name", "<missing>",
	)
}
