package bus

import (
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/parallax-sec/parallax/event"
)

const (
	// maxJoins bounds how many bodies wait for parts at a time.
	maxJoins = 64
	// joinAge is how long a body waits for its parts, in the stream's own time. It is less than what is read again after a
	// restart (15 minutes), so that a restart finds all parts. The time between two messages counts as joinGap at most, and a
	// step back as none: a clock that jumps while a body comes in must not cost it.
	joinAge = 10 * time.Minute
	joinGap = time.Minute
)

// joiner puts the parts of bodies together. What waits is bounded in number, bytes and age; what is given up becomes a fault.
type joiner struct {
	maxBytes int // of all that waits
	bytes    int
	waiting  []*join // the oldest first
	faults   []event.Fault

	passedNs int64 // in the stream, gaps bounded
	lastNs   int64 // receipt of the last message; 0: there was none
}

// join is a body whose parts are not all there.
type join struct {
	subject, id string // a node cannot put parts into another node's body
	seq         uint64 // of the first part
	ns          int64  // passedNs at the first part
	parts       [][]byte
	have, bytes int
}

func newJoiner(maxBody int) joiner { return joiner{maxBytes: 2 * maxBody} }

// add takes a message's payload and returns the body that it completes, or nil. The body may be the payload itself.
func (j *joiner) add(subject string, h nats.Header, data []byte, ns int64, seq uint64) ([]byte, error) {
	j.pass(ns)
	k, n, err := parsePart(h)
	if err != nil || n == 1 {
		return data, err
	}
	p := j.find(subject, h.Get(headerBody), n)
	if p == nil {
		p = &join{subject: subject, id: h.Get(headerBody), seq: seq, ns: j.passedNs, parts: make([][]byte, n)}
		j.waiting = append(j.waiting, p)
	}
	if p.parts[k-1] == nil { // a repetition says nothing new
		p.parts[k-1] = append([]byte{}, data...)
		p.have++
		p.bytes += len(data)
		j.bytes += len(data)
	}
	if p.have == n {
		j.remove(p)
		return slices.Concat(p.parts...), nil
	}
	for len(j.waiting) > maxJoins || j.bytes > j.maxBytes {
		j.giveUp(j.most())
	}
	return nil, nil
}

// most returns the oldest body of the subject that holds most: nobody's bodies make another's be given up while he has more.
func (j *joiner) most() *join {
	held := make(map[string]int)
	for _, p := range j.waiting {
		held[p.subject] += p.bytes + 1
	}
	most := j.waiting[0]
	for _, p := range j.waiting {
		if held[p.subject] > held[most.subject] {
			most = p
		}
	}
	return most
}

func (j *joiner) find(subject, id string, n int) *join {
	for _, p := range j.waiting {
		if p.subject == subject && p.id == id && len(p.parts) == n {
			return p
		}
	}
	return nil
}

func (j *joiner) remove(p *join) {
	j.bytes -= p.bytes
	j.waiting = slices.DeleteFunc(j.waiting, func(o *join) bool { return o == p })
}

// giveUp makes a fault of a body that is not complete.
func (j *joiner) giveUp(p *join) {
	j.remove(p)
	f := event.Fault{Origin: p.subject, Reason: fmt.Sprintf("%d of %d parts of a body never came, the first that did is %d", len(p.parts)-p.have, len(p.parts), p.seq)}
	for _, part := range p.parts {
		f.Data = append(f.Data, part[:min(len(part), maxFaultData-len(f.Data))]...)
	}
	j.faults = append(j.faults, f)
}

// expire gives up what has waited too long at the time ns, and returns the faults of all that was given up since the last call.
func (j *joiner) expire(ns int64) []event.Fault {
	j.pass(ns)
	for len(j.waiting) > 0 && j.passedNs-j.waiting[0].ns > int64(joinAge) {
		j.giveUp(j.waiting[0])
	}
	f := j.faults
	j.faults = nil
	return f
}

// pass takes in the receipt of a message.
func (j *joiner) pass(ns int64) {
	if j.lastNs != 0 {
		j.passedNs += min(max(0, ns-j.lastNs), int64(joinGap))
	}
	j.lastNs = ns
}

// oldest returns the sequence of the oldest message that waits, 0 where none does.
func (j *joiner) oldest() uint64 {
	if len(j.waiting) == 0 {
		return 0
	}
	return j.waiting[0].seq
}
