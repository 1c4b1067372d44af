package detector

// recent remembers the last ids it was shown, in two generations: when the young one is full it becomes the old one, and
// what was the old one is forgotten. An id shown again stays.
type recent struct {
	max       int // ids of a generation
	young     map[[idLen]byte]struct{}
	old       map[[idLen]byte]struct{}
	forgotten uint64
}

// idLen is the length of an alert's id.
const idLen = 26

func newRecent(limit int) recent {
	return recent{max: max(limit, 1), young: map[[idLen]byte]struct{}{}, old: map[[idLen]byte]struct{}{}}
}

// add remembers id and says whether it is new.
func (r *recent) add(id string) bool {
	var key [idLen]byte
	copy(key[:], id)
	if _, known := r.young[key]; known {
		return false
	}
	_, known := r.old[key]
	delete(r.old, key)
	if len(r.young) == r.max {
		r.forgotten += uint64(len(r.old))
		clear(r.old)
		r.young, r.old = r.old, r.young
	}
	r.young[key] = struct{}{}
	return !known
}

// has says whether id is remembered.
func (r *recent) has(id string) bool {
	var key [idLen]byte
	copy(key[:], id)
	_, young := r.young[key]
	_, old := r.old[key]
	return young || old
}
