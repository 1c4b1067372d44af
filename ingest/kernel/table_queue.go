package kernel

// queue is entries in a row, linked to each other.
type queue struct {
	first, last *entry
	n           int
}

// An entry is in two queues at most: one of its group, and the table's of those that ended.
const (
	inGroup = iota
	inTable
	queues
)

type link struct{ prev, next *entry }

func (q *queue) push(e *entry, in int) {
	e.links[in] = link{prev: q.last}
	if q.last != nil {
		q.last.links[in].next = e
	} else {
		q.first = e
	}
	q.last = e
	q.n++
}

func (q *queue) remove(e *entry, in int) {
	l := e.links[in]
	if l.prev != nil {
		l.prev.links[in].next = l.next
	} else {
		q.first = l.next
	}
	if l.next != nil {
		l.next.links[in].prev = l.prev
	} else {
		q.last = l.prev
	}
	e.links[in] = link{}
	q.n--
}

// firstBut is the first entry of a group's queue that is not e.
func (q *queue) firstBut(e *entry) *entry {
	if q.first == e && e != nil {
		return e.links[inGroup].next
	}
	return q.first
}
