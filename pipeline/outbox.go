package pipeline

// outbox is encoded batches on their way, in order. Beyond its bound the oldest is given up.
type outbox struct {
	maxBytes int
	batches  []parcel
	bytes    int
	lost     parcels // given up
}

// parcel is an encoded batch.
type parcel struct {
	data           []byte
	matches, facts int
}

// parcels counts batches and what is in them.
type parcels struct{ batches, matches, facts uint64 }

func (n *parcels) add(p parcel) {
	n.batches++
	n.matches += uint64(p.matches)
	n.facts += uint64(p.facts)
}

// put adds a batch. It says no where one was given up for it.
func (o *outbox) put(p parcel) bool {
	o.batches = append(o.batches, p)
	o.bytes += len(p.data)
	fits := o.bytes <= o.maxBytes
	for o.bytes > o.maxBytes {
		o.lost.add(o.take())
	}
	return fits
}

// take removes the oldest batch, of which there must be one.
func (o *outbox) take() parcel {
	p := o.batches[0]
	o.batches[0] = parcel{}
	o.batches = o.batches[1:]
	o.bytes -= len(p.data)
	return p
}
