package kernel

import "container/heap"

// group is the processes of one container, or of the node itself.
type group struct {
	container   *Container // nil: the node itself
	live, ended queue      // the one put in first in front
	textBytes   int

	// first leads the container's own pid namespace; zero where it was not seen, or the container shares another's.
	first      Key
	firstPIDNS uint32
	started    bool // a program was started in it

	place  int    // in the heap; -1: it is not there
	serial uint64 // when it was made, to tell groups of one weight apart
}

// entryBytes is about what an entry takes with its share of the maps.
const entryBytes = 512

func (g *group) size() int   { return g.live.n + g.ended.n }
func (g *group) weight() int { return g.size()*entryBytes + g.textBytes }

func (g *group) queueOf(e *entry) *queue {
	if e.ExitNs != 0 {
		return &g.ended
	}
	return &g.live
}

// leads says whether a process leads its session or its container.
func (g *group) leads(e *entry) bool {
	return e.Session != nil && e.Session.Leader == e.Key || g.first.Same(e.Key)
}

// groupOf is the group of a container, nil being the node. A container that is started again is another one, though its id stays.
func (t *Table) groupOf(c *Container) *group {
	g := t.groups[c]
	if g == nil {
		t.serial++
		g = &group{container: c, serial: t.serial}
		t.groups[c] = g
		heap.Push(&t.heap, g)
	}
	return g
}

// shrunk takes in that a group has become lighter, and forgets one that has nothing left.
func (t *Table) shrunk(g *group) {
	if g.place < 0 {
		return
	}
	if g.weight() == 0 {
		heap.Remove(&t.heap, g.place)
		delete(t.groups, g.container)
		return
	}
	t.heap.fix(g)
}

// groupHeap has the group that holds most on top.
type groupHeap []*group

func (h groupHeap) fix(g *group) { heap.Fix(&h, g.place) }

func (h groupHeap) Len() int { return len(h) }

func (h groupHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if (a.size() == 0) != (b.size() == 0) {
		return b.size() == 0
	}
	if a.weight() != b.weight() {
		return a.weight() > b.weight()
	}
	return a.serial < b.serial
}

func (h groupHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push and Pop are for container/heap.
func (h *groupHeap) Push(g any) {
	g.(*group).place = len(*h)
	*h = append(*h, g.(*group))
}

// Pop is described with Push.
func (h *groupHeap) Pop() any {
	old := *h
	g := old[len(old)-1]
	g.place = -1
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return g
}
