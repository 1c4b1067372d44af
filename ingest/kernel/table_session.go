package kernel

import "github.com/parallax-sec/parallax/bpf"

// join makes a process a member of a session; leave takes back one membership.
func (t *Table) join(e *entry, s *Session) {
	if e.Session == s {
		return
	}
	s.members++
	t.leave(e.Session)
	e.Session = s
}

func (t *Table) leave(s *Session) {
	if s == nil {
		return
	}
	s.members--
	if s.members > 0 {
		return
	}
	if s.program != nil {
		t.release(s.program)
		s.program = nil
	}
	if t.restored[s.restoredAs] == s {
		delete(t.restored, s.restoredAs)
		t.restoredBytes -= s.textBytes()
	}
}

// lead makes a process the leader of a session, which tells what the leader runs now.
func (t *Table) lead(e *entry, s *Session) {
	p := t.hold(e.Program)
	s.program = p
	s.Args, s.ArgsCut, s.Argc, s.ArgvBytes = p.Args, p.ArgsCut, p.Argc, p.ArgvBytes
	s.ExePath, s.Name, s.TTY = p.ExePath, e.Name, e.TTY
	if e.Container != nil {
		s.ContainerID = e.Container.ID
	}
	t.join(e, s)
}

// settle gives a process in scope a session where it has none: its fork was not seen. It is the parent's, unless
// the parent may have got the process from somebody who ended.
func (t *Table) settle(e *entry, h *bpf.Head) {
	if e.Session != nil || !e.inside() || h.Flags&inScope == 0 || h.Flags&bpf.FlagRuntime != 0 {
		return
	}
	reaper := h.Vppid == 1 || h.Flags&bpf.FlagSubreaperParent != 0
	if m, ok := t.maker(h); ok && m.entry != e && m.session != nil && !(reaper && m.session.known()) {
		t.join(e, m.session)
		return
	}
	t.lead(e, &Session{Leader: e.Key, Entry: EntryUnseen, StartNs: h.TimeNs})
}
