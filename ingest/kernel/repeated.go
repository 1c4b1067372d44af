package kernel

import "github.com/parallax-sec/parallax/bpf"

// repeatedWindow is how many of its records a CPU may write out of order: a program that interrupts another may take the later number first.
const repeatedWindow = 64

// maxCPUs bounds for how many CPUs a stream remembers what was read; it is more than Linux supports (NR_CPUS).
const maxCPUs = 1 << 13

// repeated tells records that were read before, so that a part of a stream that comes twice changes nothing.
type repeated struct {
	cpus map[uint16]*[repeatedWindow]numbered // by the record's number modulo the window
}

// numbered is what tells a record of a CPU from the others: two may share a number where one program interrupted another.
type numbered struct{ seq, timeNs uint64 }

// has says whether the record was read before, and remembers it. A record further back than the window counts as read,
// one without a number (they begin at 1) never does.
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
	slot := &last[h.Seq%repeatedWindow]
	if slot.seq > h.Seq || slot.seq == h.Seq && slot.timeNs == h.TimeNs {
		return true
	}
	*slot = numbered{h.Seq, h.TimeNs}
	return false
}
