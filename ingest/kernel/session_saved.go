package kernel

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

// Sessions is what survives a restart of the sensor: the sessions whose way in was seen, and who belongs to them. Who keeps it writes it as
// JSON to a file and reads it with ParseSessions.
type Sessions struct {
	Version  int            `json:"version"` // sessionsVersion
	BootID   string         `json:"bootID"`
	Sessions []SavedSession `json:"sessions"`
}

// SavedSession is a session with its members that run.
type SavedSession struct {
	Session Session `json:"session"`
	Members []Key   `json:"members"`
}

const sessionsVersion = 1

// Bounds of what ParseSessions takes. A table holds less.
const (
	// MaxSessionsBytes bounds the JSON form.
	MaxSessionsBytes   = 16 << 20
	maxSavedSessions   = 1 << 14
	maxSavedMembers    = 1 << 17
	maxSavedTextsBytes = 16 << 10 // of one session
)

// Sessions returns the sessions of the processes that run, as far as their way in is known, in a fixed order.
func (t *Table) Sessions(bootID string) *Sessions {
	members := map[*Session][]Key{}
	for _, e := range t.byPID {
		if e.ExitNs == 0 && e.Session.known() {
			members[e.Session] = append(members[e.Session], e.Key)
		}
	}
	for pid, a := range t.adrift {
		members[a.session] = append(members[a.session], Key{PID: pid, StartNs: a.startNs})
	}
	out := &Sessions{Version: sessionsVersion, BootID: bootID}
	for s, keys := range members {
		slices.SortFunc(keys, Key.compare)
		saved := *s
		saved.members, saved.program, saved.restoredAs = 0, nil, Key{}
		out.Sessions = append(out.Sessions, SavedSession{Session: saved, Members: keys})
	}
	slices.SortFunc(out.Sessions, func(a, b SavedSession) int { return a.Session.Leader.compare(b.Session.Leader) })
	return out
}

// compare orders by age, the oldest first.
func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.StartNs, o.StartNs), cmp.Compare(k.PID, o.PID))
}

// ParseSessions reads what was kept. What is of another boot is as good as nothing: then there are no sessions and no error.
func ParseSessions(b []byte, bootID string) (*Sessions, error) {
	if len(b) > MaxSessionsBytes {
		return nil, fmt.Errorf("sessions: %d bytes, at most %d", len(b), MaxSessionsBytes)
	}
	s := new(Sessions)
	if err := json.Unmarshal(b, s); err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	if s.Version != sessionsVersion {
		return nil, fmt.Errorf("sessions: version %d, this program knows %d", s.Version, sessionsVersion)
	}
	if s.BootID != bootID {
		return &Sessions{Version: sessionsVersion, BootID: bootID}, nil
	}
	return s, s.validate()
}

func (s *Sessions) validate() error {
	members := 0
	for i := range s.Sessions {
		if err := s.Sessions[i].Session.validate(); err != nil {
			return fmt.Errorf("sessions: session %d: %w", i, err)
		}
		members += len(s.Sessions[i].Members)
	}
	if len(s.Sessions) > maxSavedSessions || members > maxSavedMembers {
		return fmt.Errorf("sessions: %d of %d members, at most %d of %d", len(s.Sessions), members, maxSavedSessions, maxSavedMembers)
	}
	return nil
}

func (s *Session) validate() error {
	if s.Leader.PID == 0 {
		return fmt.Errorf("no leader")
	}
	switch s.Entry {
	case EntryStart, EntryExec, EntryNsenter:
	default:
		return fmt.Errorf("unknown entry %q", s.Entry)
	}
	if n := s.textBytes(); n > maxSavedTextsBytes {
		return fmt.Errorf("texts of %d bytes, at most %d", n, maxSavedTextsBytes)
	}
	return nil
}

func (s *Session) textBytes() int {
	return argsBytes(s.Args) + len(s.ExePath) + len(s.Name) + len(s.ByName) + len(s.ContainerID)
}

// Give tells the processes that were found which session they belong to, and the exact start of those that do.
func (s *Sessions) Give(found []Found) {
	type member struct {
		key     Key
		session *Session
	}
	byPID := map[uint32]member{}
	for i := range s.Sessions {
		for _, k := range s.Sessions[i].Members {
			byPID[k.PID] = member{k, &s.Sessions[i].Session}
		}
	}
	for i := range found {
		f := &found[i]
		if m, ok := byPID[f.PID]; ok && m.key.Same(f.Key) {
			f.Key, f.Session = m.key, m.session
		}
	}
}
