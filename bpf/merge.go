package bpf

// drainBytes is how much room of the rings a drain gives back at most, and the last record: who reads need not have room for all
// that the rings can hold.
const drainBytes = 256 << 10

// drain hands fn what both rings hold, in the order of time, as far as it is older than until (boot time), and stops after
// drainBytes. It returns how many records that were.
//
// A program takes the time, then room in its ring. So what is older than until, a time taken before the snapshots, is in its ring
// when they are made, but for programs at work in this very moment: whatever ring an event is in, no later one overtakes it.
func drain(rare, bulk *ring, until uint64, fn func(record []byte)) (n int) {
	rare.snapshot()
	bulk.snapshot()
	begin := rare.pos + bulk.pos
	a, b := headOf(rare, until), headOf(bulk, until)
	for ; (a.record != nil || b.record != nil) && rare.pos+bulk.pos-begin < drainBytes; n++ {
		if b.record == nil || a.record != nil && a.time <= b.time {
			fn(a.record)
			rare.skip(a.room)
			a = headOf(rare, until)
		} else {
			fn(b.record)
			bulk.skip(b.room)
			b = headOf(bulk, until)
		}
	}
	rare.publish()
	bulk.publish()
	return n
}

// head is the next record of a ring.
type head struct {
	record []byte // nil: there is none that may be handed out
	room   uint64
	time   uint64
}

func headOf(r *ring, until uint64) head {
	record, room := r.peek()
	if record == nil {
		return head{}
	}
	t := timeOf(record)
	if t > until {
		return head{}
	}
	return head{record, room, t}
}

// timeOf returns the time in the head of a record; of what is too short to be one, zero: whoever parses it will say so.
func timeOf(record []byte) uint64 {
	h, err := at[Head](record)
	if err != nil {
		return 0
	}
	return h.TimeNs
}
