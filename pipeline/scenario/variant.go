package scenario

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// permutations is how many orders of the events are tried.
const permutations = 5

// asWritten is the name of the first variant.
const asWritten = "as written"

// input is what a scenario holds: audit events, alerts of Falco, and a stream of the kernel's for each of its nodes.
type input struct {
	values  []value
	falco   []value
	streams [][]event.Batch
}

// variant is a way to replay a scenario's input.
type variant struct {
	name string
	input
	// inOrder says that event time never goes back further than the lateness allowed, so that alerts may go out on the way.
	inOrder bool
}

// variants returns the ways in which in is replayed: as written, each event twice, and all but the kernel's in permuted orders. What a
// kernel tells is in order: it is cut into batches in another way instead.
func variants(in input, lateness time.Duration) []variant {
	out := []variant{
		{name: asWritten, input: in},
		{name: "every event twice", input: input{twice(in.values), twice(in.falco), eachStream(in.streams, twice)}},
	}
	if len(in.streams) > 0 {
		out = append(out, variant{name: "kernel events in one batch", input: input{in.values, in.falco, eachStream(in.streams, oneBatch)}})
	}
	if len(in.values)+len(in.falco) == 0 {
		return out
	}
	for seed := range uint64(permutations) {
		rng := rand.New(rand.NewPCG(seed, 0))
		out = append(out, variant{
			fmt.Sprintf("order permuted, seed %d", seed), input{permute(in.values, lateness, rng), permute(in.falco, lateness, rng), in.streams}, true,
		})
	}
	return out
}

func twice[T any](values []T) []T {
	var out []T
	for _, v := range values {
		out = append(out, v, v)
	}
	return out
}

func eachStream(streams [][]event.Batch, f func([]event.Batch) []event.Batch) (out [][]event.Batch) {
	for _, s := range streams {
		out = append(out, f(s))
	}
	return out
}

// oneBatch puts the frames of a stream into one batch.
func oneBatch(stream []event.Batch) []event.Batch {
	if len(stream) == 0 {
		return nil
	}
	all := stream[0]
	all.Data = nil
	for _, b := range stream {
		all.Data = append(all.Data, b.Data...)
		all.NewestNs = max(all.NewestNs, b.NewestNs)
	}
	return []event.Batch{all}
}

// permute delays each value by less than lateness and sorts by when they then come.
func permute(values []value, lateness time.Duration, rng *rand.Rand) []value {
	at := make(map[int]time.Time, len(values))
	order := make([]int, len(values))
	for i, v := range values {
		order[i], at[i] = i, v.time.Add(time.Duration(rng.Int64N(int64(lateness))))
	}
	slices.SortStableFunc(order, func(a, b int) int { return at[a].Compare(at[b]) })
	out := make([]value, len(values))
	for i, from := range order {
		out[i] = values[from]
	}
	return out
}
