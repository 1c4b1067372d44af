package detector

import "container/list"

// factKey names a fact.
type factKey struct{ kind, key string }

// factKeys are the facts that hold about one node, and the position in the stream that wrote each, in the order of writing.
type factKeys struct {
	order list.List // of *heldFact
	byKey map[factKey]*list.Element
}

type heldFact struct {
	factKey
	seq uint64
}

// put notes that a fact was written at a position. It says no where the fact that is known was written there or later.
func (k *factKeys) put(key factKey, seq uint64) bool {
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
		k.byKey = map[factKey]*list.Element{}
	}
	k.byKey[key] = k.order.PushBack(&heldFact{key, seq})
	return true
}

// drop forgets a fact and says whether it was known from before a position.
func (k *factKeys) drop(key factKey, seq uint64) bool {
	e := k.byKey[key]
	if e == nil || seq <= e.Value.(*heldFact).seq {
		return false
	}
	k.remove(e)
	return true
}

// oldest forgets the fact that was written first, of which there must be one, and returns its name.
func (k *factKeys) oldest() factKey {
	e := k.order.Front()
	k.remove(e)
	return e.Value.(*heldFact).factKey
}

func (k *factKeys) remove(e *list.Element) {
	delete(k.byKey, e.Value.(*heldFact).factKey)
	k.order.Remove(e)
}

func (k *factKeys) len() int { return len(k.byKey) }
