package sensor

import (
	"slices"
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// retryNs says how long after each try in vain the runtime's files are looked for again: often while records may be held, later in
// case that the runtime is slow.
func retryNs() []uint64 {
	return []uint64{10e6, 10e6, 10e6, 10e6, 10e6, 10e6, 10e6, 100e6, 500e6, 2e9, 8e9}
}

// busyNs is how long after it found no room among the lookups a question is asked again.
const busyNs = uint64(10 * time.Millisecond)

// ask asks what is due about a container.
func (s *Source) ask(w *watch, nowNs uint64) {
	if w.names.due(nowNs) {
		s.askNames(w, nowNs)
	}
	if w.users.due(nowNs) {
		s.askUsers(w, nowNs)
	}
}

// askNames looks for the runtime's files of a container.
func (s *Source) askNames(w *watch, nowNs uint64) {
	c, maker := *w.c, w.maker
	w.names.asked(nowNs, s.files.start(func() func() {
		ok := s.node.Describe(&c, maker)
		return func() { s.named(w, &c, ok) }
	}))
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
func (s *Source) askUsers(w *watch, nowNs uint64) {
	c, pid := *w.c, w.process
	w.users.asked(nowNs, s.roots.start(func() func() {
		users, ok := s.node.Users(&c, pid)
		return func() { s.usersNamed(w, users, ok) }
	}))
}

// usersNamed takes the answer of askUsers.
func (s *Source) usersNamed(w *watch, users *kernel.Users, ok bool) {
	w.users.answer(ok, 0, nil)
	if ok {
		s.tell(&kernel.Fact{Users: users})
	}
	s.answered(w)
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
