package pipeline

import "time"

// Checkpoint is how far a stream has been handled: all alerts, facts and faults of batches up to Seq are stored.
type Checkpoint struct {
	Seq uint64
	// RebuildFrom is where to begin reading after a restart, so that what is known of the last RebuildWindow is built up again.
	RebuildFrom uint64
	Rules       string // hash of the rule set that judged Seq
}

// RebuildWindow is how much time, by the receipt of batches, is read again after a restart.
const RebuildWindow = 15 * time.Minute

// markEvery is how far marks are apart.
const markEvery = time.Minute

// rebuildMarks know where in the stream the last RebuildWindow began. A gap between two batches counts for no more than markEvery, and a step back
// for nothing, so that a jump of the clock, or a quiet night, makes them go back further and never less.
type rebuildMarks struct {
	marks      []mark // one each markEvery, the oldest first
	next       uint64 // place behind the last batch
	passedNs   int64  // that the batches took
	receivedNs int64  // of the last batch
}

type mark struct {
	seq      uint64
	passedNs int64
}

// newRebuildMarks returns the marks of a stream that is read from a place on.
func newRebuildMarks(from uint64) rebuildMarks { return rebuildMarks{next: from} }

// note takes in a batch and returns where the window that ends with it begins.
func (r *rebuildMarks) note(seq uint64, receivedNs int64) uint64 {
	if len(r.marks) > 0 {
		r.passedNs += min(max(0, receivedNs-r.receivedNs), markEvery.Nanoseconds())
	}
	r.receivedNs = receivedNs
	if len(r.marks) == 0 || r.passedNs-r.marks[len(r.marks)-1].passedNs >= markEvery.Nanoseconds() {
		r.marks = append(r.marks, mark{r.next, r.passedNs})
	}
	r.next = seq + 1
	for len(r.marks) > 1 && r.passedNs-r.marks[1].passedNs >= RebuildWindow.Nanoseconds() {
		r.marks = append(r.marks[:0], r.marks[1:]...)
	}
	return r.marks[0].seq
}
