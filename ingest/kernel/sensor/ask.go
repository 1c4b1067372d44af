package sensor

import (
	"math"
	"slices"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// retryNs says how long after each try in vain the runtime's files are looked for again: often while records may be held, later in
// case that the runtime is slow.
func retryNs() []uint64 {
	return []uint64{10e6, 10e6, 10e6, 10e6, 10e6, 10e6, 10e6, 100e6, 500e6, 2e9, 8e9}
}

// ask asks what is due about a container, as far as there is room for lookups. Where there is none, the end of a lookup wakes who asks again.
func (s *Source) ask(w *watch, nowNs uint64) {
	if w.names.due(nowNs) && !s.files.full() {
		s.askNames(w)
	}
	if w.users.due(nowNs) && !s.roots.full() {
		s.askUsers(w)
	}
}

// askNames looks for the runtime's files of a container.
func (s *Source) askNames(w *watch) {
	c, maker := *w.c, w.maker
	w.names.state = stateAsked
	s.files.start(func() func() {
		ok := s.node.Describe(&c, maker)
		return func() { s.named(w, &c, ok) }
	})
}

// named takes the answer of askNames. What was learned of the container in the meantime is kept.
func (s *Source) named(w *watch, c *kernel.Container, ok bool) {
	w.names.answer(ok, s.clock.Boot(), retryNs())
	if ok && s.watches[w.c] == w {
		c.CgroupID, c.Cgroups = w.c.CgroupID, w.c.Cgroups
		s.containers.Add(c) // in place of what w.c was
		s.tell(&kernel.Fact{Container: w.c})
	}
	s.answered(w)
}

// askUsers looks for the names of a container's users. They are not asked for again until the next session tells of another process.
func (s *Source) askUsers(w *watch) {
	c, pid := *w.c, w.process
	w.users.state = stateAsked
	s.roots.start(func() func() {
		users, ok := s.node.Users(&c, pid)
		return func() { s.usersNamed(w, users, ok) }
	})
}

// usersNamed takes the answer of askUsers.
func (s *Source) usersNamed(w *watch, users *kernel.Users, ok bool) {
	w.users.answer(ok, 0, nil)
	if ok {
		s.tell(&kernel.Fact{Users: users})
	}
	s.answered(w)
}

// dueNs is the boot time at which something is to be done about w, if nothing happens.
func (s *Source) dueNs(w *watch) uint64 {
	due := uint64(math.MaxUint64)
	if w.untilNs != 0 {
		due = w.untilNs
	}
	if w.names.state == stateWaiting && !s.files.full() {
		due = min(due, w.names.atNs)
	}
	if w.users.state == stateWaiting && !s.roots.full() {
		due = min(due, w.users.atNs)
	}
	return due
}

// attend puts w among those that something is to be done about.
func (s *Source) attend(w *watch) {
	if !slices.Contains(s.asking, w) {
		s.asking = append(s.asking, w)
	}
}

// answered lets the records of a container go that wait for nothing any more.
func (s *Source) answered(w *watch) {
	if !w.waits() {
		s.release(w)
	}
	if !w.names.open() && !w.users.open() {
		s.asking = slices.DeleteFunc(s.asking, func(o *watch) bool { return o == w })
	}
}

// settle takes the answers that have come, and asks what is due.
func (s *Source) settle(nowNs uint64) {
	s.files.settle()
	s.roots.settle()
	for _, w := range slices.Clone(s.asking) {
		if w.untilNs != 0 && w.untilNs <= nowNs {
			s.stats.Nameless++
			s.giveUp(w)
		}
		s.ask(w, nowNs)
	}
}
