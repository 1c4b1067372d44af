package intake

import (
	"fmt"
	"net/http"
	"sync/atomic"
)

// Outcome is what became of a request.
type Outcome uint8

// The outcomes. Falco sends nothing again: whatever is not Stored is lost, but for WrongMethod and Unauthorized, which nobody's Falco causes.
const (
	Stored       Outcome = iota
	Unauthorized         // nobody that may send
	WrongMethod          // no POST
	Busy                 // no room in time
	Broken               // the body did not come, or not in time
	TooLarge             // the body
	Text                 // no JSON object: json_output is off
	NoJSON               // begins like a JSON object and is none
	Unstored             // not in time
	NumOutcomes  = iota
)

var outcomes = [NumOutcomes]struct {
	name   string
	status int
}{
	Stored: {"stored", http.StatusOK}, Unauthorized: {"unauthorized", http.StatusUnauthorized}, WrongMethod: {"wrong_method", http.StatusMethodNotAllowed},
	Busy: {"busy", http.StatusServiceUnavailable}, Broken: {"broken", http.StatusBadRequest}, TooLarge: {"too_large", http.StatusRequestEntityTooLarge},
	Text: {"text", http.StatusUnsupportedMediaType}, NoJSON: {"no_json", http.StatusBadRequest}, Unstored: {"unstored", http.StatusServiceUnavailable},
}

// String returns the outcome's name, as a label of metrics.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o].name
	}
	return fmt.Sprintf("outcome(%d)", o)
}

func (o Outcome) status() int { return outcomes[o].status }

type counts [NumOutcomes]atomic.Uint64

// Counts returns how many requests came to each outcome.
func (h *Handler) Counts() (out [NumOutcomes]uint64) {
	for i := range out {
		out[i] = h.counts[i].Load()
	}
	return out
}
