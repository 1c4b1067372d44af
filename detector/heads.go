package detector

import (
	"cmp"
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// maxEpochs is how many starts of one node's sensor are known: a batch of the one before may still be under way when the next begins.
const maxEpochs = 4

// heads know which batches of a node have been taken, so that one that was sent twice is taken once. An agent sends one batch
// after the other, each when the one before is stored, so the highest number tells.
type heads []epoch

// epoch is one start of a sensor.
type epoch struct {
	id  uint64
	seq uint64 // the last batch that was taken since the detector began
	// told is the last one by what was stored before the detector began, and at the position in the stream where that was so. Batches
	// up to there may be read again, to build up what is known, and are taken again.
	told, at uint64
}

// take says whether the batch of a head, at a position in the stream, is to be taken, and how many batches before it never came.
func (h *heads) take(head *event.Head, at uint64) (fresh bool, missing uint64) {
	e := h.find(head.Epoch)
	last := e.seq
	if at > e.at {
		last = max(last, e.told)
	}
	if head.Seq <= last {
		return false, 0
	}
	if e.seq = head.Seq; last > 0 && at > e.at {
		missing = head.Seq - last - 1
	}
	return true, missing
}

// find returns the epoch of an id. The one known for longest makes room for a new one.
func (h *heads) find(id uint64) *epoch {
	i := slices.IndexFunc(*h, func(e epoch) bool { return e.id == id })
	if i < 0 {
		*h = append(*h, epoch{id: id})
		if len(*h) > maxEpochs {
			*h = slices.Delete(*h, 0, 1)
		}
		i = len(*h) - 1
	}
	return &(*h)[i]
}

// load takes in what was stored about an epoch.
func (h *heads) load(id, seq, at uint64) {
	e := h.find(id)
	e.told, e.at = max(e.told, seq), max(e.at, at)
}

// last returns the batch that was taken last of an epoch.
func (h *heads) last(id uint64) uint64 {
	e := h.find(id)
	return cmp.Or(e.seq, e.told)
}
