package program

// constTable finds the number of a constant text. It is a hash table with open addressing, at most half full.
type constTable struct {
	entries []constEntry
}

type constEntry struct {
	hash   uint64
	text   string
	number int32 // -1 where the entry is empty
}

func newConstTable(numbers map[string]int32) constTable {
	size := 4
	for size < 2*len(numbers) {
		size *= 2
	}
	t := constTable{entries: make([]constEntry, size)}
	for i := range t.entries {
		t.entries[i].number = -1
	}
	for text, number := range numbers {
		hash := hashText(text)
		i := t.slot(hash)
		for t.entries[i].number >= 0 {
			i = (i + 1) & (size - 1)
		}
		t.entries[i] = constEntry{hash, text, number}
	}
	return t
}

func (t *constTable) slot(hash uint64) int { return int(hash) & (len(t.entries) - 1) }

// find returns the number of s, whose hash is given, or -1.
func (t *constTable) find(hash uint64, s string) int32 {
	for i := t.slot(hash); ; i = (i + 1) & (len(t.entries) - 1) {
		e := &t.entries[i]
		if e.number < 0 || e.hash == hash && e.text == s {
			return e.number
		}
	}
}
