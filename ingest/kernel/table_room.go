package kernel

// makeRoom gives up processes until the table is within its bounds; e, which was just put in, stays.
func (t *Table) makeRoom(e *entry) {
	for t.stats.Running+t.stats.Ended > t.cfg.MaxProcesses || t.stats.TextBytes > t.cfg.MaxTextBytes {
		if !t.evictFrom(t.heap[0], e) {
			return
		}
	}
	for e.Container != nil && e.group.size() > t.cfg.MaxPerContainer && t.evictFrom(e.group, e) {
	}
}

// sparedAtOnce bounds how many processes are passed over in search of one that nobody descends from.
const sparedAtOnce = 8

// evictFrom gives up a process of a group other than keep: one that has ended, else the one seen first of those that are neither parents
// nor leaders. It returns false where there is none.
func (t *Table) evictFrom(g *group, keep *entry) bool {
	if e := g.ended.firstBut(keep); e != nil {
		t.evict(e)
		return true
	}
	for range sparedAtOnce {
		e := g.live.first
		if e == nil || e != keep && e.kids <= 0 && !g.leads(e) {
			break
		}
		g.live.remove(e, inGroup)
		g.live.push(e, inGroup)
	}
	e := g.live.firstBut(keep)
	if e == nil {
		return false
	}
	t.evict(e)
	return true
}

// evict gives up a process. Of one that runs, the session is kept.
func (t *Table) evict(e *entry) {
	t.stats.Evicted++
	if e.ExitNs == 0 {
		t.stats.EvictedRunning++
	}
	if e.ExitNs == 0 && e.Session.known() {
		t.setAdrift(e)
	}
	t.remove(e)
}

// adrift is what is kept of a process that had to be given up.
type adrift struct {
	startNs   uint64
	session   *Session
	container *Container
}

func (t *Table) setAdrift(e *entry) {
	if len(t.adrift) >= t.cfg.MaxAdrift {
		t.stats.SessionsLost++
		return
	}
	e.Session.members++
	t.adrift[e.PID] = adrift{e.StartNs, e.Session, e.Container}
}

// pickUp gives a process that was given up its session back. Where another one has its number, it has ended.
func (t *Table) pickUp(e *entry) {
	a, ok := t.adrift[e.PID]
	if !ok || e.ExitNs != 0 {
		return
	}
	delete(t.adrift, e.PID)
	if e.Same(Key{PID: e.PID, StartNs: a.startNs}) {
		t.join(e, a.session)
		if e.Container == nil {
			t.move(e, a.container)
		}
	}
	t.leave(a.session)
}
