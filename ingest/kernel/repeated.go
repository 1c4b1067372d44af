package kernel

import "github.com/parallax-sec/parallax/bpf"

// repeatedWindow is how many of the last records of each CPU are remembered.
const repeatedWindow = 64

// maxCPUs bounds for how many CPUs a stream remembers what was read; it is more than Linux supports (NR_CPUS).
const maxCPUs = 1 << 13

// repeated tells records that were read just before, so that a part of a stream that comes twice changes nothing. What comes again later
// is taken for new: a sensor that waits for a container's names puts its records behind any number of younger ones. The tables are
// guarded by the time of records, and what it gives has the ids that it had.
type repeated struct {
	cpus map[uint16]*[repeatedWindow]numbered // by the record's number modulo the window
}

// numbered is what tells a record of a CPU from the others: two may share a number where one program interrupted another.
type numbered struct{ seq, timeNs uint64 }

// has says whether the record was read before, as far as is remembered, and remembers it unless a younger one has its place. One without
// a number (they begin at 1) never was.
func (r *repeated) has(h *bpf.Head) bool {
	if h.Seq == 0 {
		return false
	}
	last := r.cpus[h.Cpu]
	if last == nil {
		if len(r.cpus) >= maxCPUs {
			return false
		}
		if r.cpus == nil {
			r.cpus = map[uint16]*[repeatedWindow]numbered{}
		}
		last = new([repeatedWindow]numbered)
		r.cpus[h.Cpu] = last
	}
	slot, this := &last[h.Seq%repeatedWindow], numbered{h.Seq, h.TimeNs}
	if *slot == this {
		return true
	}
	if slot.seq <= h.Seq {
		*slot = this
	}
	return false
}
