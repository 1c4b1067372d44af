package program

// hitSet is a set of small numbers that is emptied quickly and lists its members.
type hitSet struct {
	members []int32
	turn    uint32
	added   []uint32 // the turn in which each number was added last
}

func newHitSet(size int) hitSet { return hitSet{added: make([]uint32, size)} }

// reset empties the set.
func (h *hitSet) reset() {
	h.members = h.members[:0]
	h.turn++
	if h.turn == 0 { // once in four billion turns the old marks mean something again
		clear(h.added)
		h.turn = 1
	}
}

// add says whether n is new.
func (h *hitSet) add(n int32) bool {
	if h.added[n] == h.turn {
		return false
	}
	h.added[n] = h.turn
	h.members = append(h.members, n)
	return true
}

func (h *hitSet) has(n int32) bool { return h.added[n] == h.turn }
