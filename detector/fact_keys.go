package detector

import "container/list"

// factKeys are the facts of one kind that hold about one node, and the position in the stream that wrote each, in the order of writing.
type factKeys struct {
	order list.List // of *heldFact
	byKey map[string]*list.Element
}

type heldFact struct {
	key string
	seq uint64
}

// put notes that a fact was written at a position. It says no where the fact that is known was written there or later.
func (k *factKeys) put(key string, seq uint64) bool {
	if e := k.byKey[key]; e != nil {
		held := e.Value.(*heldFact)
		if seq <= held.seq {
			return false
		}
		held.seq = seq
		k.order.MoveToBack(e)
		return true
	}
	if k.byKey == nil {
		k.byKey = map[string]*list.Element{}
	}
	k.byKey[key] = k.order.PushBack(&heldFact{key, seq})
	return true
}

// drop forgets a fact and says whether it was known from before a position.
func (k *factKeys) drop(key string, seq uint64) bool {
	e := k.byKey[key]
	if e == nil || seq <= e.Value.(*heldFact).seq {
		return false
	}
	k.remove(e)
	return true
}

// dropOldest forgets the fact that was written first, if that was before a position, and returns its key.
func (k *factKeys) dropOldest(before uint64) (key string, ok bool) {
	e := k.order.Front()
	if e == nil || e.Value.(*heldFact).seq >= before {
		return "", false
	}
	k.remove(e)
	return e.Value.(*heldFact).key, true
}

func (k *factKeys) remove(e *list.Element) {
	delete(k.byKey, e.Value.(*heldFact).key)
	k.order.Remove(e)
}

func (k *factKeys) len() int { return len(k.byKey) }
