package kernel

import (
	"encoding/json"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// Tell has the decoder tell f of containers that start and stop, and of sessions that somebody entered one with: by nsenter, or with a
// terminal through the runtime. Sessions without a terminal are mostly probes, which only the specs of pods can tell apart. f is called
// while Decode runs, and before any event that the fact is about is yielded.
func (d *Decoder) Tell(f func(event.Fact)) { d.tell = f }

// ReadToNs is how far the stream has been read: everything up to this event time was yielded. Wall clock UTC; 0 before the first event.
func (d *Decoder) ReadToNs() int64 { return max(d.stream.lastNs, d.stream.beatNs) }

// fact tells a fact. Without data it holds no more.
func (d *Decoder) fact(kind, id string, timeNs int64, data any) {
	f := event.Fact{Kind: kind, Key: d.stream.start.Node + "/" + id, TimeNs: timeNs}
	if data != nil {
		var err error
		if f.Data, err = json.Marshal(data); err != nil {
			panic(err) // texts and numbers
		}
	}
	d.tell(f)
}

// tellContainer tells of a container that is new, or known better.
func (d *Decoder) tellContainer(id string) {
	c := d.stream.containers.ByID(id)
	if d.tell == nil || c == nil || c.Gone || id == "" {
		return
	}
	d.fact(event.FactContainer, id, d.ReadToNs(), event.ContainerState{
		ID: id, Runtime: c.Runtime, Name: c.Name, Image: c.Image, Namespace: c.Namespace, Pod: c.Pod, PodUID: c.PodUID, Sandbox: c.Sandbox,
	})
}

func (d *Decoder) tellStopped(c *Container) {
	if d.tell != nil && c.ID != "" {
		d.fact(event.FactContainer, c.ID, d.ReadToNs(), nil)
	}
}

// tellExit tells of the end of a session where the process that ended led it.
func (d *Decoder) tellExit() {
	if p := d.event.process; p.Session != nil && p.Session.Leader.Same(p.Key) {
		d.tellSession(p.Session, &d.event)
	}
}

// Bounds of the arguments that the fact of a session tells.
const (
	maxToldArgs     = 16
	maxToldArgBytes = 256
)

// tellSession tells of a session that begins, or of its end, which is the event end.
func (d *Decoder) tellSession(s *Session, end *Event) {
	if d.tell == nil || !s.entered() {
		return
	}
	var args []string
	for i, a := range scrub.Argv(s.Args) {
		if i < maxToldArgs {
			args = append(args, event.Clip(a, maxToldArgBytes))
		}
	}
	state := event.SessionState{
		ContainerID: s.ContainerID, Entry: string(s.Entry), EntryBy: s.ByName, PID: int(s.Leader.PID), Name: s.Name, Executable: s.ExePath,
		Args: args, TTY: s.TTY != 0, StartNs: d.stream.wall(s.StartNs),
	}
	if end != nil {
		state.EndNs, state.ExitCode = end.timeNs, exitCode(end.exit.Code)
	}
	d.fact(event.FactSession, d.event.entityID(s.Leader), d.event.timeNs, state)
}

// entered says whether somebody came into a running container with s, as far as can be told without the specs of pods.
func (s *Session) entered() bool {
	return s.Entry == EntryNsenter || s.Entry == EntryExec && s.TTY != 0
}
