package tail

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Stats is what a Tail did since Run began, and how far it is behind.
type Stats struct {
	Lines, Bytes, Chunks uint64 // stored
	Rotations            uint64 // files that followed another one of their log
	Truncations          uint64 // files that were truncated in place
	Gaps                 uint64 // places where lines may be missing
	Faults               uint64 // pieces left out, files that could not be read
	Retries              uint64 // times that store failed
	SaveErrors           uint64 // times that the state file could not be written
	Notified             bool   // the kernel tells of changes; else files are looked at every Config.Poll
	Logs                 []LogStats
}

// LogStats is how far one log is behind.
type LogStats struct {
	Path   string
	Behind int64         // bytes, as they are stored, of its files that are not read
	Lag    time.Duration // how long ago everything had been read; 0 where everything is
}

// counts are the counters that all logs share.
type counts struct {
	lines, bytes, chunks, rotations, truncations, gaps, faults, retries, saveErrors atomic.Uint64
}

// Stats may be called at any time, from any goroutine. It looks at the files of every log.
func (t *Tail) Stats() Stats {
	c := &t.counts
	s := Stats{
		Lines: c.lines.Load(), Bytes: c.bytes.Load(), Chunks: c.chunks.Load(), Rotations: c.rotations.Load(),
		Truncations: c.truncations.Load(), Gaps: c.gaps.Load(), Faults: c.faults.Load(), Retries: c.retries.Load(),
		SaveErrors: c.saveErrors.Load(), Notified: t.notified.Load(),
	}
	for _, f := range t.followers() {
		v := f.seen()
		s.Logs = append(s.Logs, v.stats(t.cfg, time.Now()))
	}
	slices.SortFunc(s.Logs, func(a, b LogStats) int { return strings.Compare(a.Path, b.Path) })
	return s
}

// view is how far a log has come, for others than its goroutine.
type view struct {
	path     string
	files    []mark
	caughtUp time.Time // when everything had been read
	atRest   bool      // everything has been read, and no file is open
}

// stats looks at the files of the log. Trouble with them is not told: whoever reads them tells it.
func (v *view) stats(cfg Config, now time.Time) LogStats {
	cfg.Fault, cfg.Gap = func(event.Fault) {}, func(Gap) {}
	all, _ := newLog(&cfg, new(counts), v.path).files()
	defer closeAll(all)
	s := LogStats{Path: v.path}
	for _, f := range all {
		if i := slices.IndexFunc(v.files, func(m mark) bool { return m.is(f) }); i < 0 {
			s.Behind += f.size
		} else if m := v.files[i]; !m.Done && f.kind == plain {
			s.Behind += max(0, f.size-m.Offset)
		}
	}
	if s.Behind > 0 {
		s.Lag = max(0, now.Sub(v.caughtUp))
	}
	return s
}
