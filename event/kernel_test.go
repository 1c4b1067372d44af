package event

import (
	"strings"
	"testing"
)

func account(id, name string) Account { return Account{ID: id, Name: name} }

// kernelAlert is an alert about a system call, with everything set that any kernel event can tell.
func kernelAlert() *Alert {
	d := mountDetails()
	d.EventID, d.Action, d.Outcome, d.Change, d.Categories = "evtbbbbbbbbbbbbbbbbbbbbbbb", "exec", "success", "start", []string{"process"}
	k := d.Kernel
	k.Result = "SUCCESS"
	k.Process.EndNs, k.Process.Exited, k.Process.ExitCode = when("2026-11-20T10:00:09Z"), true, 137
	k.Exe = Exe{Origin: "upper", Deleted: true, Requested: "./\xffsu", Mode: "4755", Truncated: true}
	k.Before = Cred{UID: "33", EUID: "33", SUID: "33", FSUID: "33", GID: "33", EGID: "33", SGID: "33", FSGID: "33", Caps: []string{"CAP_NET_RAW"}, UserNSLevel: "0"}
	k.After = Cred{UID: "33", EUID: "0", SUID: "0", FSUID: "0", GID: "33", EGID: "0", SGID: "0", FSGID: "0", Caps: []string{"CAP_SYS_ADMIN"}, UserNSLevel: "0"}
	k.Direction, k.GainedCaps = "gain", []string{"CAP_SYS_ADMIN"}
	k.NSFlags, k.NSTarget = []string{"newns"}, "host"
	k.Ptrace = Ptrace{Request: "PTRACE_ATTACH", PID: 1, Name: "init", Target: "host"}
	k.Mount.Key, k.Mount.Command = "source", "set_string"
	return &Alert{
		ID: "k3vabcdefghijklmnopqrstuvw", Rule: &Rule{ID: "R62", Name: "Root gained in a container", Threat: NewThreat([]string{"T1548.001"})},
		TimeNs: d.TimeNs, Severity: SeverityHigh, Message: "Root gained in payments/api-7c9", Reason: "su became root",
		Status: StatusConfirmed, Confidence: ConfidenceExact, Anchors: []string{d.EventID}, Details: d,
	}
}

// mountDetails is what an event about a mount tells.
func mountDetails() *Details {
	shell := Process{
		PID: 200, VPID: 20, EntityID: "ent-shell", StartNs: when("2026-11-20T09:59:00Z"), Name: "sh", Executable: "/bin/dash", Args: []string{"sh", "-i"}, ArgsCount: 2,
		WorkingDirectory: "/", TTYMajor: 136, TTYMinor: 3, Interactive: "true",
	}
	mount := shell
	mount.PID, mount.VPID, mount.TID, mount.EntityID, mount.Name, mount.Executable, mount.ArgsCount = 300, 30, 301, "ent-mount", "mount", "/bin/mount", 3
	mount.User, mount.RealUser, mount.SavedUser = account("0", "root"), account("33", "www-data"), account("0", "root")
	mount.Group, mount.RealGroup, mount.SavedGroup = account("0", "root"), account("33", "www"), account("0", "root")
	mount.Permitted, mount.Effective = []string{"CAP_CHOWN", "CAP_SYS_ADMIN"}, []string{"CAP_SYS_ADMIN"}
	return &Details{
		Source: SourceKernel, TimeNs: when("2026-11-20T10:00:00.123456789Z"), EventID: "evtmmmmmmmmmmmmmmmmmmmmmmm", Action: "mount", Outcome: "failure",
		Change: "change", Categories: []string{"configuration"}, Namespace: "payments", Resource: "pods", Name: "api-7c9", PodUID: "p-1",
		Container: "api", Image: "registry.example:5000/shop/api:1.4@sha256:abcd", Command: []string{"mount", "/dev/sda1", "/mnt\xff\n"}, TTY: "true",
		Kernel: &Kernel{
			Node: "node-3", BootID: "b-1", KernelRelease: "6.12.0", Result: "EPERM", Process: mount, Parent: shell, EntryLeader: shell, SessionLeader: shell,
			GroupLeader: mount, ContainerID: strings.Repeat("0123456789abcdef", 4), Runtime: "containerd", Privileged: "false", Via: "cgroup",
			Entry: "exec", EntryBy: "runc", SID: "ent-shell",
			Mount: Mount{Called: true, Source: "/dev/sda1", Target: "/mnt\xff\n", FSType: "ext4", Flags: []string{"ro", "bind"}, Data: "errors=continue"},
		},
	}
}

// dropDetails is what the loss of records tells.
func dropDetails() *Details {
	return &Details{
		Source: SourceKernel, TimeNs: when("2026-11-20T10:00:00Z"), EventID: "evtddddddddddddddddddddddd", Action: "drop",
		Kernel: &Kernel{Node: "node-3", Drop: Drop{Reason: "bulk_full", Count: 12, CPU: 1}},
	}
}

func TestSummary(t *testing.T) {
	f := func(want string, change func(*Details, *Kernel)) {
		t.Helper()
		d := mountDetails()
		change(d, d.Kernel)
		if got := Summary(d); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	f(`mount /dev/sda1 on /mnt\xff\x0a type ext4 by mount failed with EPERM in payments/api-7c9 container api`, func(*Details, *Kernel) {})
	f(`mount /dev/sda1 on /mnt\xff\x0a type ext4 by mount in container 0123456789ab`, func(d *Details, _ *Kernel) { d.Name, d.Container, d.Outcome = "", "", "success" })
	plain := func(action string) func(*Details, *Kernel) {
		return func(d *Details, k *Kernel) {
			d.Action, d.Outcome, d.Name, d.Container, k.ContainerID, k.Mount = action, "success", "", "", "", Mount{}
		}
	}
	f(`exec mount /dev/sda1 /mnt\xff\x0a on node-3`, plain("exec"))
	f(`exit of mount on node-3`, plain("exit"))
	f(`setuid by mount to 33:0 (drop) on node-3`, func(d *Details, k *Kernel) {
		plain("setuid")(d, k)
		k.After, k.Direction = Cred{EUID: "33", EGID: "0"}, "drop"
	})
	f(`setns newns,newpid of host by mount on node-3`, func(d *Details, k *Kernel) {
		plain("setns")(d, k)
		k.NSFlags, k.NSTarget = []string{"newns", "newpid"}, "host"
	})
	f(`ptrace of init by mount on node-3`, func(d *Details, k *Kernel) {
		plain("ptrace")(d, k)
		k.Ptrace = Ptrace{Request: "PTRACE_ATTACH", Name: "init"}
	})
	f(`exec ./x failed with ENOENT on node-3`, func(d *Details, k *Kernel) {
		plain("exec")(d, k)
		d.Outcome, k.Result, k.Exe.Requested = "failure", "ENOENT", "./x"
	})
	if got := Summary(dropDetails()); got != "12 records lost: bulk_full on node-3" {
		t.Error(got)
	}
	if got := Summary(&Details{Action: "create", Resource: "pods", Namespace: "dev", Name: "web", User: "ali\x1bce"}); got != `create pods dev/web by ali\x1bce` {
		t.Error(got)
	}
	long := mountDetails()
	long.Kernel.Mount.Source, long.Name = strings.Repeat("\x00", 1<<20), strings.Repeat("a", 1<<20)
	if got := Summary(long); len(got) > 2000 {
		t.Errorf("%d bytes", len(got))
	}
}
