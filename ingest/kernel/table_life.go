package kernel

// add makes a process. Who had its number before has ended, whether that was told or not.
func (t *Table) add(k Key, c *Container) *entry {
	e := &entry{Process: Process{Key: k, Container: c, LoginUID: noLogin}, group: t.groupOf(c)}
	e.Program = t.hold(t.blank)
	t.stats.Running++
	e.group.live.push(e, inGroup)
	t.heap.fix(e.group)
	t.insert(e)
	t.pickUp(e)
	t.makeRoom(e)
	return e
}

// noLogin is the audit uid of those who did not log in.
const noLogin = 0xffffffff

// insert puts e among those that had its number, the youngest first. All but the youngest have ended.
func (t *Table) insert(e *entry) {
	youngest := t.byPID[e.PID]
	if youngest == nil || youngest.StartNs <= e.StartNs {
		e.older = youngest
		t.byPID[e.PID] = e
		if youngest != nil {
			t.bury(youngest, t.nowNs)
		}
	} else {
		at := youngest
		for at.older != nil && at.older.StartNs > e.StartNs {
			at = at.older
		}
		e.older, at.older = at.older, e
		t.bury(e, t.nowNs)
	}
	t.limitGenerations(e)
}

// maxGenerations bounds how many processes with one number are kept: more than these occur in forged recordings only.
const maxGenerations = 4

// limitGenerations gives up the oldest process that had e's number where there are too many; e itself stays.
func (t *Table) limitGenerations(e *entry) {
	n, oldest := 0, (*entry)(nil)
	for g := t.byPID[e.PID]; g != nil; g = g.older {
		n++
		if g != e {
			oldest = g
		}
	}
	if n > maxGenerations {
		t.evict(oldest)
	}
}

// refine replaces a start that /proc told by the one that a record tells.
func (t *Table) refine(e *entry, startNs uint64) {
	if e.StartNs == startNs || e.StartNs%TickNs != 0 {
		return
	}
	if e.Session != nil && e.Session.Leader == e.Key {
		e.Session.Leader.StartNs = startNs
	}
	e.StartNs = startNs
}

// move puts a process into a container.
func (t *Table) move(e *entry, c *Container) {
	if e.Container == c {
		return
	}
	e.Container = c
	g := t.groupOf(c)
	if g == e.group {
		return
	}
	old := e.group
	old.queueOf(e).remove(e, inGroup)
	e.group = g
	g.queueOf(e).push(e, inGroup)
	t.heap.fix(g)
	t.shrunk(old)
}

// bury notes that a process has ended. It stays for a while, so that records that come late still find it.
func (t *Table) bury(e *entry, bootNs uint64) {
	if e.ExitNs != 0 {
		return
	}
	e.group.live.remove(e, inGroup)
	e.ExitNs = max(bootNs, 1)
	e.group.ended.push(e, inGroup)
	t.ended.push(e, inTable)
	t.stats.Running--
	t.stats.Ended++
}

// advance takes in the time of a record, and forgets the processes that ended long before.
func (t *Table) advance(bootNs uint64) {
	t.nowNs = max(t.nowNs, bootNs)
	for e := t.ended.first; e != nil && e.ExitNs < t.nowNs && t.nowNs-e.ExitNs > t.cfg.KeepNs; e = t.ended.first {
		t.remove(e)
	}
}

// remove forgets a process.
func (t *Table) remove(e *entry) {
	t.unlink(e)
	g := e.group
	g.queueOf(e).remove(e, inGroup)
	if e.ExitNs != 0 {
		t.ended.remove(e, inTable)
		t.stats.Ended--
	} else {
		t.stats.Running--
	}
	if p := t.find(e.Parent); p != nil {
		p.kids--
	}
	t.leave(e.Session)
	t.release(e.Program)
	t.shrunk(g)
}

// unlink takes e from those that had its number.
func (t *Table) unlink(e *entry) {
	at := t.byPID[e.PID]
	switch {
	case at != e:
		for at.older != e {
			at = at.older
		}
		at.older = e.older
	case e.older != nil:
		t.byPID[e.PID] = e.older
	default:
		delete(t.byPID, e.PID)
	}
}

// hold counts a use of a program, and release one use less.
func (t *Table) hold(p *Program) *Program {
	p.refs++
	return p
}

func (t *Table) release(p *Program) {
	p.refs--
	if p.refs > 0 || p.group == nil {
		return
	}
	t.stats.TextBytes -= p.bytes
	p.group.textBytes -= p.bytes
	t.shrunk(p.group)
	p.group = nil
}

// run lets a process run a program, whose texts count for the container where it is run first.
func (t *Table) run(e *entry, p *Program) {
	t.hold(p)
	if p.group == nil && p.bytes > 0 {
		p.group = e.group
		p.group.textBytes += p.bytes
		t.stats.TextBytes += p.bytes
		t.heap.fix(p.group)
	}
	t.release(e.Program)
	e.Program = p
	t.makeRoom(e)
}
