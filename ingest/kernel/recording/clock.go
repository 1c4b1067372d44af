package recording

import (
	"encoding/json"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// clock puts the boot times of a stream on the wall clock, by its last Start.
type clock struct {
	offsetNs int64
	known    bool
}

// timedFact is what facts tell of time.
type timedFact struct {
	Start *struct {
		OffsetNs int64  `json:"offset"`
		BootNs   uint64 `json:"boot"`
	} `json:"start"`
	Beat *struct {
		BootNs uint64 `json:"boot"`
	} `json:"beat"`
	Lost *struct {
		BootNs uint64 `json:"boot"`
		Reason string `json:"reason"`
		N      uint64 `json:"n"`
	} `json:"lost"`
}

// seen is what a look at frames tells.
type seen struct {
	count    uint32
	firstNs  int64 // event time of the first that tells one; 0 where none does
	newestNs int64 // the youngest time since the last Start, or since the first frame
	lost     lost  // what Lost facts tell of; nil where there are none
}

// look goes over frames, up to the first that is none: the decoder tells of it.
func (c *clock) look(frames []byte) (s seen) {
	for len(frames) > 0 {
		kind, body, rest, err := kernel.NextFrame(frames)
		if err != nil {
			return s
		}
		s.count++
		if bootNs := c.bootNs(kind, body, &s); bootNs != 0 && c.known {
			ns := int64(bootNs) + c.offsetNs
			if s.firstNs == 0 {
				s.firstNs = ns
			}
			s.newestNs = max(s.newestNs, ns)
		}
		frames = rest
	}
	return s
}

// bootNs is the boot time that a frame tells, 0 where it tells none. A Start sets the clock.
func (c *clock) bootNs(kind uint32, body []byte, s *seen) uint64 {
	if kind == kernel.FrameRecord {
		if h, err := bpf.ParseHead(body); err == nil {
			return h.TimeNs
		}
		return 0
	}
	var f timedFact
	if json.Unmarshal(body, &f) != nil {
		return 0
	}
	switch {
	case f.Start != nil:
		*c = clock{offsetNs: f.Start.OffsetNs, known: true}
		s.newestNs = 0
		return f.Start.BootNs
	case f.Beat != nil:
		return f.Beat.BootNs
	case f.Lost != nil:
		if s.lost == nil {
			s.lost = lost{}
		}
		s.lost.add(f.Lost.Reason, f.Lost.N)
		return f.Lost.BootNs
	}
	return 0
}
