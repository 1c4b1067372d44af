package logfile

import (
	"sync"
	"sync/atomic"
)

// block is memory that batches point into. It goes back to its pool when the window and every batch are done with it.
type block struct {
	buf  []byte
	refs atomic.Int32
	pool *blockPool
	free func() // release, made once so that handing it to a batch allocates nothing
}

func (b *block) retain() { b.refs.Add(1) }

func (b *block) release() {
	if b.refs.Add(-1) == 0 && len(b.buf) == b.pool.size {
		b.pool.pool.Put(b)
	}
}

// blockPool keeps blocks of one size for use again; larger ones, for long lines, are left to the garbage collector.
type blockPool struct {
	size int
	pool sync.Pool
}

// get returns a block of the given size with one reference.
func (p *blockPool) get(size int) *block {
	if size == p.size {
		if b, ok := p.pool.Get().(*block); ok {
			b.refs.Store(1)
			return b
		}
	}
	b := &block{buf: make([]byte, size), pool: p}
	b.free = b.release
	b.refs.Store(1)
	return b
}
