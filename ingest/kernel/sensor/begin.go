package sensor

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// begin makes the beginning of the stream: who reads, the containers and the processes that there are. Meanwhile the programs record
// already, so that nothing falls between what is found and what is recorded; what is in both is the same by its id or its start.
func (s *Source) begin() error {
	host, err := s.node.Host()
	if err != nil {
		return fmt.Errorf("read the node's namespaces: %w", err)
	}
	start, err := newStart(s.cfg, s.clock, s.reader.Hooks(), host)
	if err != nil {
		return err
	}
	s.offsetNs, s.recordNs = start.OffsetNs, start.BootNs
	s.lookNs, s.beatNs = start.BootNs+uint64(s.cfg.Look), start.BootNs+uint64(s.cfg.Beat)
	s.tell(&kernel.Fact{Start: start})
	s.containers.Host(host.NS)
	if users, ok := s.node.Users(nil, host.PID); ok {
		s.tell(&kernel.Fact{Users: users})
	}
	s.fault(s.node.Cgroups(func(id uint64, path string) { s.learned(s.containers.Found(id, path), 0) }))
	s.fault(s.processes(start.BootID))
	if s.cfg.Ready != nil {
		s.cfg.Ready(start)
	}
	return nil
}

// processes tells of those that run: the containers that only they show, then each of them, in the order of
// their starts.
func (s *Source) processes(bootID string) error {
	found, err := s.node.Processes()
	if err != nil {
		return fmt.Errorf("look for processes: %w", err)
	}
	s.remember(found, bootID)
	byPID := make(map[uint32]*kernel.Process, len(found))
	order := make([]*kernel.Found, len(found))
	for i := range found {
		byPID[found[i].PID], order[i] = &found[i].Process, &found[i]
	}
	slices.SortStableFunc(order, func(a, b *kernel.Found) int { return cmp.Compare(a.PIDNSLevel, b.PIDNSLevel) })
	for _, f := range order {
		s.learned(s.containers.InferFound(&f.Process, byPID[f.Parent.PID]), 0)
	}
	for i := range found {
		s.place(&found[i])
		s.tell(&kernel.Fact{Process: &found[i]})
	}
	return nil
}

// remember tells processes which session they belong to, as far as a sensor before this one knew it.
func (s *Source) remember(found []kernel.Found, bootID string) {
	if s.cfg.Sessions == nil {
		return
	}
	known, err := s.cfg.Sessions(bootID)
	if err != nil {
		s.fault(err)
		return
	}
	known.Give(found)
}

// fault makes what went wrong a part of the next batch: the stream goes on without it.
func (s *Source) fault(err error) {
	if err != nil {
		s.faults = append(s.faults, event.Fault{Origin: origin, Reason: err.Error()})
	}
}

// place finds the container of a process that runs, and uses it to reach the container's files.
func (s *Source) place(f *kernel.Found) {
	c, _ := s.containers.OfFound(&f.Process)
	if c == nil {
		return
	}
	f.ContainerID = c.ID
	w := s.watches[c]
	if w == nil || f.NS.Mnt != c.MntNS {
		return
	}
	s.scopeMountNS(w)
	s.reach(w, f.PID)
}
