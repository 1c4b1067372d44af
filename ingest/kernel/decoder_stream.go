package kernel

import "github.com/parallax-sec/parallax/bpf"

// stream is what is known of the stream that events are read from.
type stream struct {
	start  Start
	users  userTable
	events uint64
	lastNs int64 // time of the event before
}

// wall puts a boot time on the wall clock, in nanoseconds since 1970 UTC.
func (s *stream) wall(bootNs uint64) int64 { return int64(bootNs) + s.start.OffsetNs }

// parent is the parent of p where it is known.
func (s *stream) parent(*Process) *Process { return nil }

// leader is the process of that id in the session or process group of p, where it is known.
func (s *stream) leader(_ *Process, _ uint32) *Process { return nil }

// containerOf is the container of the process that was to be traced; nil where it is of the node.
func (s *stream) containerOf(*bpf.Ptrace) *Container { return nil }
