package kernel

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/parallax-sec/parallax/bpf"
)

// found is what /proc tells of a task: its start in whole ticks.
func foundOf(p *task, argv ...string) *Found {
	f := &Found{Process: Process{
		Key: Key{p.PID, p.StartNs / TickNs * TickNs}, Name: p.comm, VPID: p.vpid, PIDNSLevel: p.level,
		NS: bpf.NS{Pid: p.pidns, Mnt: p.mntns}, Cgroup: p.cgroup, Cred: bpf.Cred{Uid: p.uid},
		Program: &Program{Args: argv, ExePath: "/found"},
	}}
	if p.parent != nil {
		f.Parent = Key{p.parent.PID, p.parent.StartNs / TickNs * TickNs}
	}
	return f
}

func (w *treeWorld) find(p *task, argv ...string) { w.AddFound(foundOf(p, argv...), p.c) }

func TestSame(t *testing.T) {
	f := func(a, b uint64, want bool) {
		t.Helper()
		if got := (Key{1, a}).Same(Key{1, b}); got != want {
			t.Errorf("%d and %d: %v", a, b, got)
		}
		if (Key{1, a}).Same(Key{2, b}) {
			t.Error("other process ids are the same")
		}
	}
	f(12_345_678, 12_345_678, true)
	f(12_345_678, 12_345_679, false)
	f(12_345_678, 10_000_000, true)
	f(10_000_000, 19_999_999, true)
	f(10_000_000, 20_000_000, false)
	f(10_000_001, 20_000_000, false)
	f(0, 12_345_678, false)
}

func TestFoundThenRecords(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	shim := host(50, "containerd-shim")
	init := w.in(c, 100, 1, shim)
	child := w.child(init, 101)
	init.comm, child.comm = "init", "worker"
	init.flags &^= bpf.FlagRuntime
	child.flags &^= bpf.FlagRuntime
	w.find(shim, "shim")
	w.find(init, "init")
	w.find(child, "worker", "-x")
	if s := w.session(child); s != w.session(init) || s.Entry != EntryUnseen || s.Name != "init" || w.process(shim).Session != nil {
		t.Errorf("%+v", s)
	}
	if w.Parent(w.process(child)) != w.process(init) || w.process(child).StartNs%TickNs != 0 {
		t.Errorf("%+v", w.process(child))
	}
	w.Seen(w.head(init), c)
	change := w.exec(child, "next\x00")
	if p := change.Process; p.StartNs != child.StartNs || !change.Known || change.Leader || w.Parent(p) != w.process(init) {
		t.Errorf("%+v", change)
	}
	if s := w.session(init); s.Leader != init.Key {
		t.Errorf("leader %v, want %v", s.Leader, init.Key)
	}
	shell := w.in(c, 200, 30, host(60, "runc"))
	if s := w.exec(shell, "sh\x00").Process.Session; s.Entry != EntryExec {
		t.Errorf("%+v: the container had begun", s)
	}
	w.check()
}

func TestRecordsThenFound(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	init := w.in(c, 100, 1, host(50, "shim"))
	init.flags &^= bpf.FlagRuntime
	p := w.fork(init, 101)
	w.exec(p, "ls\x00")
	w.find(p, "old")
	w.find(init, "init")
	if q := w.process(p); q.ExePath != "/bin/ls" || q.StartNs != p.StartNs {
		t.Errorf("%+v", q)
	}
	if q := w.process(init); q.ExePath != "/found" || q.StartNs%TickNs != 0 {
		t.Errorf("%+v", q)
	}
	gone := w.fork(init, 102)
	w.exit(gone)
	w.find(gone, "gone")
	if q := w.process(gone); q.ExitNs == 0 {
		t.Errorf("%+v is back", q)
	}
	again := w.child(init, 101)
	again.StartNs += 5 * TickNs
	w.forked(again)
	w.find(p, "old")
	older := *p
	older.StartNs -= 50 * TickNs
	w.find(&older, "older")
	if w.At(101, w.nowNs+6*TickNs) != w.process(again) || w.Find(older.Key) != nil {
		t.Error("a process that ended long ago is back")
	}
	w.check()
}

func TestSessionsSurvive(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	init := w.started(c, 100)
	shell := w.in(c, 200, 20, host(60, "runc"))
	w.exec(shell, "sh\x00-c\x00\xff\\\x00")
	daemon := w.fork(shell, 201)
	w.exit(shell)
	daemon.parent = init
	w.Seen(w.head(daemon), c)

	b, err := json.Marshal(w.Sessions("boot"))
	if err != nil {
		t.Fatal(err)
	}
	saved, err := ParseSessions(b, "boot")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w.Sessions("boot"), saved, cmpopts.IgnoreUnexported(Session{})); diff != "" {
		t.Error(diff)
	}

	next := newTreeWorld(t, TableConfig{})
	next.nowNs = w.nowNs
	born := w.child(daemon, 202)
	stranger := w.child(init, 203)
	facts := []Found{*foundOf(init), *foundOf(daemon), *foundOf(born), *foundOf(stranger)}
	saved.Give(facts)
	for i := range facts {
		next.AddFound(throughJSON(t, &facts[i]), c)
	}
	if p := next.process(daemon); p.StartNs != daemon.StartNs || p.Session.Leader != shell.Key || p.Session.Entry != EntryExec || p.Session.Args[2] != "\xff\\" {
		t.Errorf("%+v", p)
	}
	if next.session(born) != next.session(daemon) || next.session(init).Entry != EntryStart {
		t.Error("sessions are not those of before")
	}
	if s := next.session(stranger); s.Entry != EntryUnseen {
		t.Errorf("%+v: init may have taken the process over", s)
	}
	next.exit(daemon)
	if s := next.exec(born, "ls\x00").Process.Session; s.Leader != shell.Key {
		t.Errorf("%+v", s)
	}
	next.check()
	if s := next.Sessions("boot"); len(s.Sessions) != 2 || len(s.Sessions[1].Members) != 1 {
		t.Errorf("%+v", s)
	}
}

func throughJSON(t *testing.T, f *Found) *Found {
	t.Helper()
	b, err := json.Marshal(Fact{Process: f})
	if err != nil {
		t.Fatal(err)
	}
	fact, err := parseFact(b)
	if err != nil {
		t.Fatal(err)
	}
	return fact.Process
}

func TestParseSessionsRefuses(t *testing.T) {
	f := func(name, in string) {
		t.Helper()
		if s, err := ParseSessions([]byte(in), "boot"); err == nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
	f("nothing", "")
	f("no JSON", `{"version":`)
	f("another version", `{"version":2,"bootID":"boot"}`)
	f("unknown entry", `{"version":1,"bootID":"boot","sessions":[{"session":{"Leader":{"pid":1},"Entry":"unseen"}}]}`)
	f("no leader", `{"version":1,"bootID":"boot","sessions":[{"session":{"Entry":"exec"}}]}`)
	f("too long a text", `{"version":1,"bootID":"boot","sessions":[{"session":{"Leader":{"pid":1},"Entry":"exec","Name":"`+string(make([]byte, maxSavedTextsBytes))+`"}}]}`)
	f("too large", string(make([]byte, MaxSessionsBytes+1)))
	if s, err := ParseSessions([]byte(`{"version":1,"bootID":"other","sessions":[{"session":{"Entry":"exec"}}]}`), "boot"); err != nil || len(s.Sessions) != 0 {
		t.Errorf("another boot: %+v, %v", s, err)
	}
}

func TestEscapedTexts(t *testing.T) {
	for _, s := range []string{"", "a b", "\xff", `\`, `\x41`, `\\`, "\\\xfe\\", "é\xc3", "\x00\n\""} {
		b, err := json.Marshal(Found{Process: Process{Name: s, Program: &Program{Args: []string{s}}}})
		if err != nil {
			t.Fatal(err)
		}
		var f Found
		if err := json.Unmarshal(b, &f); err != nil || f.Name != s || f.Args[0] != s {
			t.Errorf("%q became %s and %q, %v", s, b, f.Name, err)
		}
	}
	for in, want := range map[string]string{`\`: `\`, `\x`: `\x`, `\x4`: `\x4`, `\xzz`: `\xzz`, `\n`: `\n`, `\\x41`: `\x41`} {
		if got := unescapeText(in); got != want {
			t.Errorf("%q gave %q, want %q", in, got, want)
		}
	}
}
