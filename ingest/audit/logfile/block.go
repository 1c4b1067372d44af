package logfile

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// block is memory that batches point into. It goes back to its pool when the window and every batch are done with it.
type block struct {
	buf  []byte
	refs atomic.Int32
	home *sync.Pool // nil where the block is left to the garbage collector
	free func()     // release, made once so that handing it to a batch allocates nothing
}

func (b *block) retain() { b.refs.Add(1) }

func (b *block) release() {
	if b.refs.Add(-1) == 0 && b.home != nil {
		b.home.Put(b)
	}
}

// blockPool keeps blocks for use again: those of size bytes, which is the rule, and a few doublings of it for long lines.
type blockPool struct {
	size  int
	pools [5]sync.Pool
}

// get returns a block of n bytes with one reference.
func (p *blockPool) get(n int) *block {
	home := p.home(n)
	if home != nil {
		if b, ok := home.Get().(*block); ok {
			b.refs.Store(1)
			return b
		}
	}
	b := &block{buf: make([]byte, n), home: home}
	b.free = b.release
	b.refs.Store(1)
	return b
}

// home is where blocks of n bytes are kept, nil for what is not size or a small doubling of it.
func (p *blockPool) home(n int) *sync.Pool {
	k := bits.Len(uint(n/p.size)) - 1
	if k < 0 || k >= len(p.pools) || n != p.size<<k {
		return nil
	}
	return &p.pools[k]
}
