package kerneltest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// records returns the records of a stream; the second of each pair is its line.
func records(t *testing.T, text string) (heads []*bpf.Head, bodies [][]byte, lines []int64) {
	t.Helper()
	batches, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		kind, body, rest, err := kernel.NextFrame(b.Data)
		if err != nil || len(rest) != 0 {
			t.Fatalf("line %d: %v, %d bytes behind the frame", b.Line, err, len(rest))
		}
		if kind != kernel.FrameRecord {
			continue
		}
		h, err := bpf.ParseHead(body)
		if err != nil {
			t.Fatalf("line %d: %v", b.Line, err)
		}
		heads, bodies, lines = append(heads, h), append(bodies, body), append(lines, b.Line)
	}
	return heads, bodies, lines
}

const shop = `{"container":{"name":"web","pod":"web-1","namespace":"shop","image":"nginx:1.27"}}
{"exec":{"pid":100,"container":"web","exe":"/usr/sbin/nginx","argv":["nginx","-g","daemon off;"]}}
{"exec":{"pid":200,"container":"web","exe":"/bin/sh","argv":["sh"],"tty":"pts/0","uid":1000}}
{"exec":{"pid":201,"parent":200,"exe":"/usr/bin/id"}}
`

func TestAContainersLife(t *testing.T) {
	heads, bodies, lines := records(t, shop)
	var got []string
	for i, h := range heads {
		got = append(got, fmt.Sprintf("%d: kind %d pid %d/%d of %d/%d flags %#x uid %d tty %#x", lines[i], h.Kind, h.Pid, h.Vpid, h.Ppid, h.Vppid, h.Flags, h.Cred.Uid, h.Tty))
	}
	const scope = bpf.FlagScopePidNS | bpf.FlagScopeCgroup | bpf.FlagScopeMntNS
	want := []string{
		fmt.Sprintf("2: kind 1 pid 100/1 of 4000000/0 flags %#x uid 0 tty 0x0", scope|bpf.FlagEntry|bpf.FlagSubreaperParent),
		fmt.Sprintf("3: kind 1 pid 200/2 of 4000001/0 flags %#x uid 1000 tty 0x8800000", scope|bpf.FlagEntry),
		fmt.Sprintf("4: kind 2 pid 201/3 of 200/2 flags %#x uid 1000 tty 0x8800000", scope|bpf.FlagScopeMark),
		fmt.Sprintf("4: kind 1 pid 201/3 of 200/2 flags %#x uid 1000 tty 0x8800000", scope|bpf.FlagScopeMark),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	r, texts, err := bpf.ParseExec(bodies[0])
	if err != nil || string(texts.Exe) != "nginx\x00sbin\x00usr\x00" || string(texts.Argv) != "nginx\x00-g\x00daemon off;\x00" || r.Argc != 3 || r.ExeOrigin != 1 {
		t.Errorf("%v %q %q %+v", err, texts.Exe, texts.Argv, r)
	}
	if heads[1].Cred.CapEffective != 0 || heads[0].Cred.CapEffective != containerCaps {
		t.Errorf("capabilities %#x, %#x", heads[0].Cred.CapEffective, heads[1].Cred.CapEffective)
	}
	if heads[3].Seq != 4 || heads[3].TimeNs <= heads[2].TimeNs {
		t.Errorf("sequence %d, times %d and %d", heads[3].Seq, heads[2].TimeNs, heads[3].TimeNs)
	}
}

func TestCredentials(t *testing.T) {
	heads, bodies, _ := records(t, shop+`{"setuid":{"pid":201,"args":[0],"ret":"EPERM"}}
{"setuid":{"pid":201,"args":[0],"uid":0}}
{"exec":{"pid":202,"parent":200,"exe":"/bin/su","mode":"4755"}}
{"setresuid":{"pid":202,"args":[33,33,-1]}}
{"capset":{"pid":100,"caps_effective":["net_raw"]}}
`)
	refused, _ := bpf.ParseCreds(bodies[4])
	gained, _ := bpf.ParseCreds(bodies[5])
	if refused.Ret != -1 || refused.Head.Cred != refused.Before || refused.Before.Uid != 1000 {
		t.Errorf("refused: %+v", refused)
	}
	if gained.Before.Uid != 1000 || gained.Head.Cred.Uid != 0 || gained.Head.Cred.CapEffective != containerCaps {
		t.Errorf("gained: %+v", gained)
	}
	su := heads[7]
	if su.Flags&bpf.FlagSetuidFile == 0 || su.Flags&bpf.FlagSecureExec == 0 || su.Cred.Uid != 1000 || su.Cred.Euid != 0 || su.Cred.CapEffective != containerCaps {
		t.Errorf("su: %+v", su)
	}
	dropped, _ := bpf.ParseCreds(bodies[8])
	if c := dropped.Head.Cred; c.Uid != 33 || c.Euid != 33 || c.Suid != 0 || c.CapEffective != 0 || dropped.Arg[2] != noUser {
		t.Errorf("dropped: %+v", dropped)
	}
	capset, _ := bpf.ParseCreds(bodies[9])
	if capset.Head.Cred.CapEffective != 1<<13 || capset.Arg[0] != 1<<13 || capset.Before.CapEffective != containerCaps {
		t.Errorf("capset: %+v", capset)
	}
}

func TestOtherCalls(t *testing.T) {
	heads, bodies, _ := records(t, shop+`{"mount":{"time":"+1s","pid":201,"source":"/dev/sda1","target":"/mnt","fstype":"ext4","flags":["MS_RDONLY","MS_NOSUID"],"ret":"EPERM"}}
{"unshare":{"pid":201,"flags":"CLONE_NEWUSER|CLONE_NEWNS"}}
{"setns":{"pid":201,"flags":"CLONE_NEWNS","to":"host"}}
{"ptrace":{"pid":201,"target":100,"request":"PTRACE_SEIZE"}}
{"cgroup_rmdir":{"pid":1,"of":"web"}}
{"exit":{"pid":200,"status":1}}
{"exit":{"pid":201,"signal":9}}
`)
	m, texts, err := bpf.ParseMount(bodies[4])
	if err != nil || m.Flags != 3 || m.Ret != -1 || string(texts.Source) != "/dev/sda1" || string(texts.FSType) != "ext4" {
		t.Errorf("%v %+v %q", err, m, texts)
	}
	unshare, _ := bpf.ParseNSOp(bodies[5])
	if unshare.Head.Cred.UsernsLevel != 1 || unshare.Head.Ns.Mnt == unshare.Before.Mnt || unshare.Head.Cred.Userns == unshare.UsernsBefore {
		t.Errorf("%+v", unshare)
	}
	setns, _ := bpf.ParseNSOp(bodies[6])
	if setns.Head.Ns.Mnt != hostNS.Mnt || setns.Head.Flags&bpf.FlagScopeMntNS != 0 {
		t.Errorf("%+v", setns)
	}
	ptrace, _ := bpf.ParsePtrace(bodies[7])
	if ptrace.TargetPid != 100 || string(ptrace.TargetComm[:6]) != "nginx\x00" {
		t.Errorf("%+v", ptrace)
	}
	if cg, path, err := bpf.ParseCgroup(bodies[8]); err != nil || cg.Id != 1000 || !strings.HasPrefix(string(path), "/kubepods/") {
		t.Errorf("%v %+v %q", err, cg, path)
	}
	if last := heads[10]; last.Ppid != 100 || heads[9].Kind != uint8(bpf.KindExit) {
		t.Errorf("the orphan's parent is %d", last.Ppid)
	}
}

// What is read here is what a live decoder takes, without a fault.
func TestDecoderTakesIt(t *testing.T) {
	batches, err := Read([]byte(shop + `{"process":{"pid":300,"container":"web","exe":"/bin/cron"}}
{"users":{"container":"web","users":{"1000":"app"}}}
{"lost":{"reason":"bulk_full","n":3}}
{"beat":{}}
`))
	if err != nil {
		t.Fatal(err)
	}
	d := kernel.NewDecoder()
	var types []string
	for _, b := range batches {
		d.Decode(&b, func(e event.Event) {
			types = append(types, e.(*kernel.Event).Type())
		}, func(f event.Fault) { t.Error(f) })
	}
	if got := strings.Join(types, " "); got != "execve execve clone execve drop" {
		t.Error(got)
	}
}

func TestFaultsHaveTheirLine(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Read([]byte(shop + text))
		if err == nil || err.Error() != want && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	f(`{"exec":{"pid":300,"exe":"/x","parents":1}}`, `:5: exec: unknown key "parents"; there are argc, argv,`)
	f("{\"exec\":{\"pid\":300,\n\"exe\":\"/x\",\n\"uidd\":1}}", `:7: exec: unknown key "uidd"`)
	f("\n\n{\"exec\":{\"exe\":\"/x\"}}", ":7: exec: no pid")
	f(`{"exec":{"pid":300,"container":"db","exe":"/x"}}`, ":5: exec: no line before told of a container db")
	f(`{"exec":{"pid":201,"entry":"exec","exe":"/x"}}`, ":5: exec: process 201 is known")
	f(`{"exec":{"pid":300}}`, ":5: exec: no exe")
	f(`{"mount":{"pid":201,"flags":"MS_BNID"}}`, ":5: mount: no such flag: MS_BNID")
	f(`{"mount":{"pid":201,"ret":"ENOTHING"}}`, ":5: mount: no such error: ENOTHING")
	f(`{"mount":{"pid":201,"device":1}}`, ":5: mount: device: the sensor knows that of fsmount and move_mount only")
	f(`{"setuid":{"pid":201,"uid":"root"}}`, ":5: setuid: uid is a string, want a uint32")
	f(`{"open":{"pid":201}}`, ":5: open: nothing of that name happens")
	f(`{"exec":{},"fork":{}}`, ":5: 2 members")
	f(`[1]`, ":5: want an object")
	f(`{"exec"`, ":5: not JSON")
	f(`{"exec":{"pid":300,"time":"soon","exe":"/x"}}`, `:5: exec: time: "soon": want a time`)
	f(`{"setns":{"pid":201,"flags":"CLONE_NEWNS"}}`, ":5: setns: setns needs to")
	f(`{"ptrace":{"pid":201,"target":9}}`, ":5: ptrace: target: no line before")
	f(`{"container":{"name":"web","pod":"web-1","namespace":"shop"}}`, ":5: container: there is a container of the id")
}
