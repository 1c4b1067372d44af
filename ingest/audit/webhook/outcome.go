package webhook

import "net/http"

// Outcome is what became of a request.
type Outcome uint8

// The outcomes. docs/WEBHOOK.md says what a sender does on each.
const (
	none            Outcome = iota // not known yet
	Stored                         // the body is durable
	Quarantined                    // it cannot hold audit events, and is kept apart
	Empty                          // there was none
	NotFound                       // the path names nothing that can be sent to
	Unauthenticated                // neither a certificate nor a token
	Forbidden                      // a certificate that is not an API server's
	WrongMethod                    // not a POST
	TooLarge                       // more than MaxBodyBytes: the sender will lose it
	Slow                           // the body did not come in time
	Gone                           // the sender left before the end of the body
	Malformed                      // the body is not what HTTP says a body is
	Busy                           // no room: too many requests, or too many bytes
	Failed                         // the store could not keep it
	Late                           // the store did not keep it in time
	Crashed                        // a bug of ours
	numOutcomes
)

var outcomes = [numOutcomes]struct {
	name string // in metrics
	code int
	read bool   // the body was read to its end
	text string // for the sender
}{
	Stored:          {"stored", http.StatusOK, true, ""},
	Quarantined:     {"quarantined", http.StatusOK, true, ""},
	Empty:           {"empty", http.StatusOK, true, ""},
	NotFound:        {"not_found", http.StatusNotFound, false, "send audit events to /audit or /audit/CLUSTER/NAME"},
	Unauthenticated: {"unauthenticated", http.StatusUnauthorized, false, "neither a client certificate nor a bearer token that is good here"},
	Forbidden:       {"forbidden", http.StatusForbidden, false, "the client certificate is not one of an API server"},
	WrongMethod:     {"wrong_method", http.StatusMethodNotAllowed, false, "audit events are sent by POST"},
	TooLarge:        {"too_large", http.StatusRequestEntityTooLarge, false, "the body is larger than is accepted here"},
	Slow:            {"slow", http.StatusRequestTimeout, false, "the body did not come in time"},
	Gone:            {"gone", http.StatusBadRequest, false, "the body has no end"},
	Malformed:       {"malformed", http.StatusBadRequest, false, "the body cannot be read"},
	Busy:            {"busy", http.StatusServiceUnavailable, false, "no room at the moment"},
	Failed:          {"failed", http.StatusServiceUnavailable, true, "cannot store at the moment"},
	Late:            {"late", http.StatusServiceUnavailable, true, "could not store in time"},
	Crashed:         {"crashed", http.StatusInternalServerError, false, "internal error"},
}

// String returns the outcome's name in metrics.
func (o Outcome) String() string { return outcomes[o].name }

// Code is the HTTP status that the sender gets.
func (o Outcome) Code() int { return outcomes[o].code }
