package kernel

import "slices"

// AddFound takes in a process that /proc told of when the sensor started. What records told of it stays as it is.
func (t *Table) AddFound(f *Found, c *Container) {
	e := t.find(f.Key)
	if e == nil {
		if young := t.byPID[f.PID]; young != nil && young.StartNs > f.StartNs {
			return // it has ended since
		}
		e = t.add(f.Key, c)
		t.tell(e, f)
	}
	e.found = true
	if e.Program == t.blank && f.Program != nil {
		t.run(e, t.foundProgram(f.Program))
	}
	t.settleFound(e, f)
}

// tell takes over what was found of a process.
func (t *Table) tell(e *entry, f *Found) {
	kept := e.Process
	e.Process = f.Process
	e.Key, e.Program, e.Container, e.Session, e.ExitNs, e.Parent = kept.Key, kept.Program, kept.Container, kept.Session, kept.ExitNs, Key{}
	t.setParent(e, f.Parent)
	e.Name = t.texts.of([]byte(f.Name))
	e.credKnown = true
	if e.Container == nil {
		return
	}
	e.group.started = true
	if e.VPID == 1 && e.PIDNSLevel > 0 {
		e.group.begin(e)
	}
}

func (t *Table) foundProgram(f *Program) *Program {
	p := *f
	p.refs, p.group, p.ExecNs = 0, nil, 0
	if len(p.Args) > maxArgs {
		p.Args, p.ArgsCut = slices.Clone(p.Args[:maxArgs]), true
	}
	p.bytes = programBytes + len(p.ExePath) + len(p.Cwd) + argsBytes(p.Args)
	return &p
}

// settleFound gives a process that was found its session: the one that a sensor before this one knew, or its parent's, or one of unseen
// origin. Of a process that the first of a pid namespace may have taken over, the parent's is not known to be its own.
func (t *Table) settleFound(e *entry, f *Found) {
	if f.Session != nil && !e.Session.known() {
		if s := t.restore(f.Session); s != nil {
			t.join(e, s)
		}
	}
	if e.Session != nil || !e.inside() {
		return
	}
	if p := t.find(e.Parent); p != nil && p != e && p.Session != nil && (p.VPID != 1 || !p.Session.known()) {
		t.join(e, p.Session)
		return
	}
	t.lead(e, &Session{Leader: e.Key, Entry: EntryUnseen, StartNs: e.StartNs})
}

// restore is the session that a sensor before this one knew, one for all its members; nil where there is no room for it.
func (t *Table) restore(f *Session) *Session {
	s := t.restored[f.Leader]
	if s == nil {
		n := f.textBytes()
		if t.restoredBytes+n > MaxSessionsBytes {
			t.stats.SessionsLost++
			return nil
		}
		c := *f
		c.members, c.program, c.restoredAs = 0, nil, f.Leader
		s = &c
		t.restored[f.Leader] = s
		t.restoredBytes += n
	}
	return s
}
