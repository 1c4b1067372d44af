package daemon

import (
	"slices"

	"github.com/parallax-sec/parallax/bpf"
)

// withLost adds totals to others, each reason and CPU once.
func withLost(lost, more []bpf.Lost) []bpf.Lost {
	lost = slices.Clone(lost)
	for _, m := range more {
		i := slices.IndexFunc(lost, func(l bpf.Lost) bool { return l.CPU == m.CPU && l.Reason == m.Reason })
		if i < 0 {
			lost = append(lost, m)
			continue
		}
		lost[i].N += m.N
	}
	return lost
}
