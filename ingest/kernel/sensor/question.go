package sensor

// question is something that is asked about a container, by a lookup.
type question struct {
	state state
	tries int    // in vain
	atNs  uint64 // boot time from which it is to be asked, where it waits for that
}

type state uint8

const (
	stateIdle     state = iota // nobody asks, or it was given up
	stateWaiting               // to be asked at atNs
	stateAsked                 // a lookup is at work
	stateAnswered              // known
)

// open says whether an answer may come.
func (q *question) open() bool { return q.state == stateWaiting || q.state == stateAsked }

func (q *question) due(nowNs uint64) bool { return q.state == stateWaiting && q.atNs <= nowNs }

// answer notes what a lookup found. Where it found nothing, it is asked again after the next of the pauses.
func (q *question) answer(ok bool, nowNs uint64, pauses []uint64) {
	switch {
	case ok:
		q.state = stateAnswered
	case q.tries < len(pauses):
		q.state, q.atNs = stateWaiting, nowNs+pauses[q.tries]
		q.tries++
	default:
		q.state = stateIdle
	}
}
