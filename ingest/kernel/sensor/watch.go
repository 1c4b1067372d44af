package sensor

import (
	"slices"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// watch is what the source has in hand for one container.
type watch struct {
	c       *kernel.Container // the table's; lookups get copies
	names   question          // what the runtime's files say
	users   question          // names of users
	maker   uint32            // process of the runtime that made its cgroup, or its first process; 0: not known
	process uint32            // by which the container's files can be reached
	gaveUp  bool              // records are not held any more

	held    []byte // frames that wait for answers
	records int    // how many they are
	sinceNs uint64 // boot time of the first of them; 0: there are none
	untilNs uint64 // boot time until which they wait; 0: the same

	cgroups []uint64 // that the kernel was told of, once, whether it had room or not
	mntns   uint32   // the same; 0: of none
	ended   bool     // its first process has ended, and with it all of its pid namespace
}

// waits says whether records of the container are to be held.
func (w *watch) waits() bool { return !w.gaveUp && (w.names.open() || w.users.open()) }

// learned takes a container that is new or known better: the stream and the kernel's filter are told, and its names are asked for. nil
// is none. maker is a process of its runtime.
func (s *Source) learned(c *kernel.Container, maker uint32) {
	if c == nil {
		return
	}
	s.tell(&kernel.Fact{Container: c})
	w := s.watches[c]
	if w == nil {
		w = &watch{c: c, maker: maker, names: question{state: stateWaiting}}
		s.watches[c] = w
		s.attend(w)
		s.ask(w, s.clock.Boot())
	}
	s.scopeCgroup(w, c.CgroupID)
	for _, id := range c.Cgroups {
		s.scopeCgroup(w, id)
	}
}

// meet looks at a program that starts in a container for what it tells: the container's mount namespace, and a process by which its
// files can be reached.
func (s *Source) meet(w *watch, h *bpf.Head) {
	s.scopeMountNS(w)
	if h.Flags&bpf.FlagEntry != 0 && h.Ns.Mnt == w.c.MntNS {
		s.reach(w, h.Pid)
	}
}

// reach takes a process by which a container's files can be reached, and asks for the names of its users unless they are known.
func (s *Source) reach(w *watch, pid uint32) {
	if w.users.state != stateIdle {
		return
	}
	w.process = pid
	w.users = question{state: stateWaiting}
	s.attend(w)
	s.ask(w, s.clock.Boot())
}

// scopeCgroup tells the kernel that a cgroup is a container's. Where that fails its processes are known by their pid namespace
// nonetheless, as nearly all containers have one.
func (s *Source) scopeCgroup(w *watch, id uint64) {
	if id == 0 || slices.Contains(w.cgroups, id) {
		return
	}
	w.cgroups = append(w.cgroups, id)
	s.scoped(s.reader.AddCgroup(id))
}

// scopeMountNS tells the kernel of a container's mount namespace, so that who enters it and nothing else is seen.
func (s *Source) scopeMountNS(w *watch) {
	if w.mntns == 0 && w.c.MntNS != 0 && !w.ended {
		w.mntns = w.c.MntNS
		s.scoped(s.reader.AddMountNS(w.mntns))
	}
}

// unscopeMountNS takes it back. That is to be done when the container's last process ends, which mostly is its first: the number is the
// next namespace's then, which may be one that the runtime works in.
func (s *Source) unscopeMountNS(w *watch) {
	w.ended = true
	if w.mntns != 0 {
		s.fault(s.reader.RemoveMountNS(w.mntns))
		w.mntns = 0
	}
}

// scoped counts what the kernel could not be told.
func (s *Source) scoped(err error) {
	if err != nil {
		s.stats.Unscoped++
	}
}

// sweep lets go of containers of whose end no record told.
func (s *Source) sweep() {
	for c, w := range s.watches {
		if c.Gone {
			s.forget(w)
		}
	}
}

// forget ends the watch of a container.
func (s *Source) forget(w *watch) {
	s.giveUp(w)
	for _, id := range w.cgroups {
		s.fault(s.reader.RemoveCgroup(id))
	}
	s.unscopeMountNS(w)
	delete(s.watches, w.c)
	s.asking = slices.DeleteFunc(s.asking, func(o *watch) bool { return o == w })
}
