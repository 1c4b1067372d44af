package kernel

// stream is what is known of the stream that events are read from.
type stream struct {
	start      Start
	processes  *Table
	containers *Containers
	users      *userTable
	repeated   repeated
	events     uint64
	lastNs     int64 // time of the event before
	beatNs     int64 // time that the last beat tells, wall clock UTC
	toldFull   full  // of what found no room
}

// newStream is the stream that a fact begins, of which nothing else is known.
func newStream(s *Start) stream {
	n := stream{start: *s, processes: NewTable(DefaultTableConfig()), containers: NewContainers(ContainersConfig{}), users: new(userTable)}
	n.containers.forgotten = n.users.forget
	n.containers.Host(s.HostNS.NS)
	return n
}

// wall puts a boot time on the wall clock, in nanoseconds since 1970 UTC.
func (s *stream) wall(bootNs uint64) int64 { return int64(bootNs) + s.start.OffsetNs }

// Sessions are those of the stream that are to survive a restart of the sensor; nil before the stream's Start.
func (d *Decoder) Sessions() *Sessions {
	if !d.begun {
		return nil
	}
	return d.stream.processes.Sessions(d.stream.start.BootID)
}
