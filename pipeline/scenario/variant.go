package scenario

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// permutations is how many orders of the events are tried.
const permutations = 5

// asWritten is the name of the first variant.
const asWritten = "as written"

// variant is a way to replay a scenario's events.
type variant struct {
	name   string
	values []value
	// inOrder says that event time never goes back further than the lateness allowed, so that alerts may go out on the way.
	inOrder bool
}

// variants returns the ways in which events are replayed: as written, each twice, and in permuted orders.
func variants(values []value, lateness time.Duration) []variant {
	out := []variant{
		{name: asWritten, values: values},
		{name: "every event twice", values: twice(values)},
	}
	for seed := range uint64(permutations) {
		rng := rand.New(rand.NewPCG(seed, 0))
		out = append(out, variant{fmt.Sprintf("order permuted, seed %d", seed), permute(values, lateness, rng), true})
	}
	return out
}

func twice(values []value) []value {
	var out []value
	for _, v := range values {
		out = append(out, v, v)
	}
	return out
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
