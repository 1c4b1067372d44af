package sensor

import "github.com/parallax-sec/parallax/bpf"

// record takes one record from the kernel: into the stream, behind the facts that it needs, or aside until they are there.
func (s *Source) record(b []byte) {
	s.stats.Records++
	s.stats.Bytes += uint64(len(b))
	h, err := bpf.ParseHead(b)
	if err != nil {
		s.stats.Bad++
		s.ship(b)
		return
	}
	s.saw(h)
	if bpf.Kind(h.Kind) == bpf.KindCgroup {
		s.cgroup(b)
		s.ship(b)
		return
	}
	if w := s.watchOf(h); w != nil && w.waits() {
		s.hold(w, h, b)
		return
	}
	s.ship(b)
}

// maxCPUs is the most that Linux can be made for (NR_CPUS), whatever a record says.
const maxCPUs = 8192

// saw notes how far the stream has come.
func (s *Source) saw(h *bpf.Head) {
	s.recordNs = max(s.recordNs, h.TimeNs)
	cpu := int(h.Cpu)
	if cpu >= maxCPUs {
		return
	}
	for len(s.seqs) <= cpu {
		s.seqs = append(s.seqs, 0)
	}
	s.seqs[cpu] = max(s.seqs[cpu], h.Seq)
}

// cgroup takes a record of a cgroup, which may tell of a new container, or of the end of one: what the kernel knows of it by number is
// taken back at once, since numbers are used again. A record that cannot be read is the decoder's to report.
func (s *Source) cgroup(b []byte) {
	r, path, err := bpf.ParseCgroup(b)
	if err != nil {
		return
	}
	before := s.watches[s.containers.ByCgroup(r.Id)]
	s.learned(s.containers.Cgroup(r, path), r.Head.Pid)
	if before != nil && before.c.Gone {
		s.forget(before)
	}
}

// watchOf returns the watch of the container that a record is of; nil: it is of none.
func (s *Source) watchOf(h *bpf.Head) *watch {
	if id, unknown := s.containers.Unknown(h); unknown {
		s.found(id)
	}
	s.learned(s.containers.Infer(h), h.Ppid)
	c, _ := s.containers.Of(h)
	if c == nil {
		return nil
	}
	w := s.watches[c]
	switch kind := bpf.Kind(h.Kind); {
	case w == nil:
	case kind == bpf.KindExec:
		s.meet(w, h)
	case kind == bpf.KindExit && h.Vpid == 1 && h.Ns.Pid == w.c.PIDNS:
		s.unscopeMountNS(w)
	}
	return w
}

// found looks up a cgroup that no record told of.
func (s *Source) found(id uint64) {
	for _, g := range s.node.Ancestry(id) {
		s.learned(s.containers.Found(g.ID, g.Path), 0)
	}
	s.learned(s.containers.Found(id, ""), 0) // unless it was among them
}
