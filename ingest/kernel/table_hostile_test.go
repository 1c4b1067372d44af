package kernel

import (
	"math/rand/v2"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// A recording can be forged: whatever it says, in whatever order, the table stays within its bounds and true to itself.
func TestForgedRecords(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := newTreeWorld(t, TableConfig{MaxProcesses: 40, MaxPerContainer: 15, MaxTextBytes: 5000, MaxAdrift: 10, KeepNs: 30})
		if seed%2 == 0 {
			w.MarksLost()
		}
		containers := []*Container{nil, box("c1", 1), box("c2", 2), box("c3", 3)}
		for range 2000 {
			forged(w, r, containers[r.IntN(len(containers))])
		}
		w.check()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func forged(w *treeWorld, r *rand.Rand, c *Container) {
	small := func() uint32 { return uint32(r.IntN(30)) }
	start := func() uint64 {
		if r.IntN(4) == 0 {
			return uint64(r.IntN(3)) * TickNs
		}
		return uint64(r.IntN(3))*TickNs + uint64(r.IntN(100))
	}
	h := bpf.Head{
		TimeNs: uint64(r.IntN(1000)), Flags: r.Uint32(), Pid: small(), StartNs: start(), Ppid: small(), ParentStartNs: start(),
		Vpid: uint32(r.IntN(3)), Vppid: uint32(r.IntN(3)), PidnsLevel: uint32(r.IntN(2)), Cgroup: uint64(r.IntN(3)), ParentCgroup: uint64(r.IntN(3)),
		ParentMntns: uint32(r.IntN(3)), ParentPidns: uint32(r.IntN(3)), Ns: bpf.NS{Pid: uint32(r.IntN(3)), Mnt: uint32(r.IntN(3))},
	}
	h.Tid = h.Pid
	if r.IntN(3) == 0 {
		h.Forker, h.ForkerStartNs = small(), start()
	}
	if r.IntN(100) == 0 {
		h.TimeNs = r.Uint64()
	}
	switch r.IntN(5) {
	case 0:
		w.Exec(&bpf.Exec{Head: h, Ret: int32(r.IntN(2))}, bpf.ExecTexts{Exe: make([]byte, r.IntN(9)), Argv: make([]byte, r.IntN(600))}, c, ViaCgroup)
	case 1:
		w.Fork(&h, c)
	case 2:
		w.Exit(&bpf.Exit{Head: h}, c)
	case 3:
		w.Seen(&h, c)
	default:
		f := &Found{Process: Process{
			Key: Key{h.Pid, h.StartNs}, Parent: parentOf(&h), VPID: h.Vpid, PIDNSLevel: h.PidnsLevel, ExitNs: uint64(r.IntN(2)),
		}}
		if r.IntN(2) == 0 {
			f.Program = &Program{Args: make([]string, r.IntN(600))}
		}
		if r.IntN(2) == 0 {
			f.Session = &Session{Leader: Key{small(), start()}, Entry: EntryExec}
		}
		w.AddFound(f, c)
	}
}
