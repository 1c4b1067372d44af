package kernel

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

var errNoFact = errors.New("a fact has exactly one member")

func parseFact(body []byte) (*Fact, error) {
	f := new(Fact)
	if err := json.Unmarshal(body, f); err != nil {
		return nil, fmt.Errorf("fact: %w", err)
	}
	return f, nil
}

// Fact takes what is to be known before the records that come next, and yields the events that it is: losses are, and where time
// has passed, what found no room in the decoder itself.
// It keeps what f points to: nobody changes that afterwards.
func (d *Decoder) Fact(f *Fact, yield func(event.Event)) error {
	if err := f.check(); err != nil {
		return err
	}
	switch {
	case f.Start != nil:
		d.start(f.Start)
		return nil
	case !d.begun:
		return errNoStart
	case f.Process != nil:
		d.found(f.Process)
	case f.Container != nil:
		d.stream.containers.Add(f.Container)
		d.tellContainer(f.Container.ID)
	case f.Users != nil:
		d.stream.users.add(f.Users)
	case f.Lost != nil:
		d.lost(f.Lost)
		d.yield(yield)
		d.tellFull(f.Lost.BootNs, yield)
	case f.Beat != nil:
		d.stream.beatNs = d.stream.wall(f.Beat.BootNs)
		d.tellFull(f.Beat.BootNs, yield)
	default:
		return errNoFact
	}
	return nil
}

// start begins a stream: what was known is of another sensor's, or of another boot. The stream's own, read again, changes nothing.
func (d *Decoder) start(s *Start) {
	if old := &d.stream.start; d.begun && s.Epoch == old.Epoch && s.BootID == old.BootID && s.Node == old.Node {
		return
	}
	if d.begun {
		d.full.ended(d.stream.full())
	}
	d.stream, d.begun = newStream(s), true
	d.stream.containers.stopped = d.tellStopped
}

// found takes in a process that ran when the sensor started.
func (d *Decoder) found(f *Found) {
	c, _ := d.stream.containers.OfFound(&f.Process)
	if c == nil && f.ContainerID != "" {
		c = d.stream.containers.ByID(f.ContainerID)
	}
	d.stream.processes.AddFound(f, c)
}

// lost makes a loss an event. Without marks the kernel cannot tell any more who entered a container.
func (d *Decoder) lost(l *Lost) {
	if l.Reason == "marks_full" {
		d.stream.processes.MarksLost()
	}
	d.begin(l.BootNs)
	d.event.lost = l
}
