package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Status is what can be told of the bus, for people and metrics.
type Status struct {
	Server     string         `json:"server"` // embedded, or the address of the one that answered
	Streams    []StreamStatus `json:"streams"`
	Sinks      []SinkStatus   `json:"sinks"`
	Checkpoint Checkpoint     `json:"checkpoint"`
	// Behind is how many messages of the stream of events have not been judged.
	Behind uint64 `json:"behind"`
	// Leader is the hub that is active; empty: none.
	Leader string `json:"leader"`
	// FactsEvicted counts the facts that held, and that this process removed to make room for others.
	FactsEvicted uint64 `json:"facts_evicted"`
	// Disk is what the file system has where the embedded server keeps its streams; nil in a cluster.
	Disk *DiskStatus `json:"disk,omitempty"`
}

// StreamStatus is one stream. Lost counts messages that the server found damaged.
type StreamStatus struct {
	Name      string    `json:"name"`
	Messages  uint64    `json:"messages"`
	Bytes     uint64    `json:"bytes"`
	MaxBytes  int64     `json:"max_bytes"`
	FirstSeq  uint64    `json:"first_seq"`
	LastSeq   uint64    `json:"last_seq"`
	FirstTime time.Time `json:"first_time"`
	LastTime  time.Time `json:"last_time"`
	Subjects  uint64    `json:"subjects"`
	Replicas  int       `json:"replicas"`
	// Current counts the copies that are up to date.
	Current int `json:"current"`
	Lost    int `json:"lost"`
}

// SinkStatus is how far a sink is: Waiting alerts have not been handed to it, Held ones have and are not done.
type SinkStatus struct {
	Name    string `json:"name"`
	Waiting uint64 `json:"waiting"`
	Held    int    `json:"held"`
	Done    uint64 `json:"done_seq"`
}

// DiskStatus is in bytes.
type DiskStatus struct {
	Free  uint64 `json:"free"`
	Total uint64 `json:"total"`
	Full  bool   `json:"full"` // too little for anything to be stored
}

// Status asks the store what it holds.
func (b *Bus) Status(ctx context.Context) (s Status, err error) {
	s.Server, s.FactsEvicted = "embedded", b.evicted.Load()
	if b.server == nil {
		s.Server = b.nc.ConnectedUrlRedacted()
	} else {
		s.Disk = b.server.disk.status()
	}
	for _, name := range []string{streamEvents, streamAlerts, streamFacts, streamDead, streamQuarantine} {
		one, err := b.streamStatus(ctx, name)
		if err != nil {
			return s, fmt.Errorf("ask about %s: %w", name, storeError(err))
		}
		s.Streams = append(s.Streams, one)
	}
	if s.Sinks, err = b.sinkStatus(ctx); err != nil {
		return s, fmt.Errorf("ask about the sinks: %w", storeError(err))
	}
	if s.Checkpoint, err = b.LoadCheckpoint(ctx); err != nil {
		return s, err
	}
	s.Behind = s.Streams[0].LastSeq - min(s.Streams[0].LastSeq, s.Checkpoint.Seq)
	lease, err := b.Lease("").read(ctx)
	s.Leader = lease.Holder
	return s, err
}

func (b *Bus) streamStatus(ctx context.Context, name string) (StreamStatus, error) {
	stream, err := b.js.Stream(ctx, name)
	if err != nil {
		return StreamStatus{}, err
	}
	i := stream.CachedInfo()
	s := StreamStatus{
		Name: name, Messages: i.State.Msgs, Bytes: i.State.Bytes, MaxBytes: i.Config.MaxBytes, FirstSeq: i.State.FirstSeq, LastSeq: i.State.LastSeq,
		FirstTime: i.State.FirstTime, LastTime: i.State.LastTime, Subjects: i.State.NumSubjects, Replicas: i.Config.Replicas, Current: 1,
	}
	if i.State.Lost != nil {
		s.Lost = len(i.State.Lost.Msgs)
	}
	if i.Cluster != nil {
		for _, r := range i.Cluster.Replicas {
			if r.Current && !r.Offline {
				s.Current++
			}
		}
	}
	return s, nil
}

func (b *Bus) sinkStatus(ctx context.Context) (out []SinkStatus, err error) {
	stream, err := b.js.Stream(ctx, streamAlerts)
	if err != nil {
		return nil, err
	}
	list := stream.ListConsumers(ctx)
	for c := range list.Info() {
		token, is := strings.CutPrefix(c.Name, consumerPrefix)
		name, err := decodeToken(token)
		if is && err == nil {
			out = append(out, SinkStatus{Name: name, Waiting: c.NumPending, Held: c.NumAckPending, Done: c.AckFloor.Stream})
		}
	}
	if err := list.Err(); err != nil && !errors.Is(err, jetstream.ErrEndOfData) {
		return nil, err
	}
	return out, nil
}
