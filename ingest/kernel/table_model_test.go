package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// model is the truth about a node: every process with the session it belongs to, kept in the plainest way.
type model struct {
	*treeWorld
	r       *rand.Rand
	drop    float64 // of records
	running []*member
	inits   []*member
	free    []uint32 // numbers of processes, used over and over
	sure    bool     // no record was lost: the table must know all
}

// member is a process of the model.
type member struct {
	*task
	session *member // the leader
	entry   Entry
	argv    string
	parent  *member // nil: outside
}

func newModel(t *testing.T, seed uint64, cfg TableConfig, drop float64) *model {
	m := &model{treeWorld: newTreeWorld(t, cfg), r: rand.New(rand.NewPCG(seed, 1)), drop: drop, sure: drop == 0}
	for pid := uint32(1000); pid < 1100; pid++ {
		m.free = append(m.free, pid)
	}
	for i := range uint32(3) {
		c := box(fmt.Sprint("c", i), 7+i)
		init := &member{task: m.in(c, 100+i, 1, host(50, "containerd-shim").reaping()), entry: EntryStart}
		init.session = init
		m.running = append(m.running, init)
		m.inits = append(m.inits, init)
		m.forked(init.task)
		m.program(init)
	}
	return m
}

func (m *model) number() (uint32, bool) {
	if len(m.free) == 0 {
		return 0, false
	}
	i := m.r.IntN(len(m.free))
	pid := m.free[i]
	m.free = slices.Delete(m.free, i, i+1)
	return pid, true
}

// tell hands a record to the table, or loses it.
func (m *model) tell(record func()) {
	if m.r.Float64() >= m.drop {
		record()
	}
}

func (m *model) program(p *member) {
	p.argv = fmt.Sprint("prog", m.r.IntN(20), "\x00")
	entry := p.flags&bpf.FlagRuntime != 0
	m.tell(func() {
		change := m.exec(p.task, p.argv)
		if change.Leader != entry {
			m.t.Errorf("leader %v, want %v", change.Leader, entry)
		}
	})
	p.flags = p.flags&^bpf.FlagRuntime | bpf.FlagScopeMark
}

// fork makes a child of a process, now and then one that gets its parent's parent.
func (m *model) fork(p *member) {
	pid, ok := m.number()
	if !ok {
		return
	}
	c := &member{task: m.child(p.task, pid), session: p.session, entry: p.entry, argv: p.argv, parent: p}
	if m.r.IntN(5) == 0 && p.vpid != 1 {
		c.parent, c.task.parent, c.forker = p.parent, p.task.parent, p.Key
	}
	m.running = append(m.running, c)
	m.tell(func() { m.forked(c.task) })
	c.forker = Key{}
}

// enter lets a runtime start something in a container.
func (m *model) enter() {
	pid, ok := m.number()
	if !ok {
		return
	}
	c := m.inits[m.r.IntN(len(m.inits))].c
	p := &member{task: m.in(c, pid, pid, host(60, "runc")), entry: EntryExec}
	p.session = p
	m.running = append(m.running, p)
	m.tell(func() { m.forked(p.task) })
	m.program(p)
}

func (m *model) end(i int) {
	p := m.running[i]
	if p.vpid == 1 {
		return
	}
	m.running = slices.Delete(m.running, i, i+1)
	for _, c := range m.running {
		if c.parent == p {
			init := m.initOf(p)
			c.parent, c.task.parent = init, init.task
		}
	}
	m.tell(func() { m.exit(p.task) })
	m.free = append(m.free, p.PID)
}

func (m *model) initOf(p *member) *member {
	for _, i := range m.inits {
		if i.c == p.c {
			return i
		}
	}
	return nil
}

func (m *model) step() {
	i := m.r.IntN(len(m.running))
	p := m.running[i]
	switch n := m.r.IntN(10); {
	case n < 4:
		m.fork(p)
	case n < 6:
		m.program(p)
	case n < 9:
		m.end(i)
	default:
		m.enter()
	}
}

// compare lets every process make a record, and says where the table is wrong about it. A session may be unseen where records were lost, but
// never another's.
func (m *model) compare() {
	for _, p := range m.running {
		q := m.Seen(m.head(p.task), p.c)
		s := q.Session
		switch {
		case s == nil:
			m.t.Errorf("%v has no session", p.Key)
		case s.Entry == EntryUnseen && !m.sure:
		case s.Entry != p.entry || s.Leader != p.session.Key:
			m.t.Errorf("%v is in session %s of %v, want %s of %v", p.Key, s.Entry, s.Leader, p.entry, p.session.Key)
		}
		if m.sure && m.Stats().Evicted == 0 && (len(q.Args) != 1 || q.Args[0]+"\x00" != p.argv) {
			m.t.Errorf("%v runs %q, want %q", p.Key, q.Args, p.argv)
		}
		if p.parent != nil && q.Parent != p.parent.Key || q.Container != p.c || q.ExitNs != 0 {
			m.t.Errorf("%v is %+v", p.Key, q)
		}
	}
	m.check()
}

func TestTableIsTrue(t *testing.T) {
	f := func(name string, cfg TableConfig, drop float64) {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(8) {
				m := newModel(t, seed, cfg, drop)
				for i := range 3000 {
					m.step()
					if i%500 == 0 {
						m.compare()
					}
				}
				m.compare()
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
	f("all records", TableConfig{}, 0)
	f("short memory", TableConfig{KeepNs: 1}, 0)
	f("little room", TableConfig{MaxProcesses: 30}, 0)
	f("little room for texts", TableConfig{MaxTextBytes: 3000}, 0)
	f("lost records", TableConfig{}, 0.2)
	f("lost records, little room", TableConfig{MaxProcesses: 30, MaxAdrift: 10}, 0.2)
}
