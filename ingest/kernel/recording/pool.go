package recording

import "sync"

// framePool keeps memory of blocks for use again. Blocks of several sizes are rare, so one kind is kept: as large as an ordinary block.
type framePool struct{ pool sync.Pool }

// poolBytes is the size of the memory that is kept: a block closes with the frame that takes it past blockBytes.
const poolBytes = blockBytes + 16<<10

// get returns memory of at least n bytes, aligned to 8.
func (p *framePool) get(n int) []byte {
	if n > poolBytes {
		return make([]byte, n)
	}
	if b, ok := p.pool.Get().(*[poolBytes]byte); ok {
		return b[:]
	}
	return new([poolBytes]byte)[:]
}

// put takes back what get gave, if it is of the kind that is kept.
func (p *framePool) put(b []byte) {
	if cap(b) == poolBytes {
		p.pool.Put((*[poolBytes]byte)(b[:poolBytes]))
	}
}
