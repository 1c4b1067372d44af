package recording

import (
	"maps"
	"slices"

	"github.com/parallax-sec/parallax/bpf"
)

// lost is how much was lost for each reason. A forged recording may give any reasons, so that those beyond some count as one.
type lost map[string]uint64

const (
	maxReasons     = 32
	maxReasonBytes = 64
	otherReasons   = "other"
)

func (l lost) add(reason string, n uint64) {
	if _, known := l[reason]; len(reason) > maxReasonBytes || !known && len(l) >= maxReasons {
		reason = otherReasons
	}
	l[reason] += n
}

// totals are ordered by reason.
func (l lost) totals() (out []bpf.Lost) {
	for _, reason := range slices.Sorted(maps.Keys(l)) {
		out = append(out, bpf.Lost{CPU: -1, Reason: reason, N: l[reason]})
	}
	return out
}
