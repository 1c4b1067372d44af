package sensor

import (
	"slices"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// losses turns running totals into what was lost since they were last looked at.
type losses struct {
	total map[place]uint64
}

// withOwn adds to the kernel's own account the containers that it could not be told of, and those that the source has no room for.
func (s *Stats) withOwn(totals []bpf.Lost) []bpf.Lost {
	totals = slices.Clip(totals)
	if s.Unscoped > 0 {
		totals = append(totals, bpf.Lost{CPU: -1, Reason: "scope_full", N: s.Unscoped})
	}
	if s.Refused > 0 {
		totals = append(totals, bpf.Lost{CPU: -1, Reason: "containers_full", N: s.Refused})
	}
	return totals
}

// place is where and why something was lost.
type place struct {
	cpu    int
	reason string
}

// since returns what totals have grown by, in their order, as facts of a boot time.
func (l *losses) since(totals []bpf.Lost, bootNs uint64) []kernel.Lost {
	var out []kernel.Lost
	if l.total == nil {
		l.total = map[place]uint64{}
	}
	for _, t := range totals {
		p := place{t.CPU, t.Reason}
		if n := t.N - l.total[p]; t.N > l.total[p] {
			out = append(out, kernel.Lost{BootNs: bootNs, CPU: t.CPU, Reason: t.Reason, N: n})
			l.total[p] = t.N
		}
	}
	return out
}
