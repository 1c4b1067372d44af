package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What callers branch on, with errors.Is.
var (
	// ErrFull says that the store has no room for the message: its stream or its disk is full, or a node's share of it is used
	// up. It may be tried again when something has been handled.
	ErrFull = errors.New("the store is full")
	// ErrUnavailable says that the store did not answer: whether the message was stored is not known. It may be tried again.
	ErrUnavailable = errors.New("the store is not available")
	// ErrTooLarge says that a body is larger than Config.MaxBodyBytes, or a message than the server takes. Trying again is no use.
	ErrTooLarge = errors.New("the body is too large")
	// ErrRefused says that a hub does not take a message from an agent. Trying again is no use.
	ErrRefused = errors.New("the hub refuses it")
	// ErrFenced says that another process has taken over: this one must give out nothing more.
	ErrFenced = errors.New("another process has taken over")
	// ErrLost says that the stream does not have what was asked for any more, and never will.
	ErrLost = errors.New("the stream is not what it was")
)

// Error codes of the JetStream API that jetstream has no names for (nats-server, server/errors.json).
const (
	codeStoreFailed       = 10077 // JSStreamStoreFailedF: "maximum bytes exceeded" and its kin
	codeInsufficientSpace = 10047 // JSStorageResourcesExceededErr
	codeStreamLimits      = 10023 // JSInsufficientResourcesErr
	codeAccountLimits     = 10002 // JSAccountResourcesExceededErr
	codeMemory            = 10028 // JSMemoryResourcesExceededErr
	codeMessageSize       = 10054 // JSStreamMessageExceedsMaximumErr: more than the stream's max_msg_size
	codeHeaderSize        = 10097 // JSStreamHeaderExceedsMaximumErr
	codeBatchIncomplete   = 10176 // JSAtomicPublishIncompleteBatchErr: also where one of its messages was refused
	codeBatchDuplicate    = 10201 // JSAtomicPublishContainsDuplicateMessageErr
)

// Permanent says of an error that trying again is no use.
func Permanent(err error) bool { return errors.Is(err, ErrTooLarge) || errors.Is(err, ErrRefused) }

// storeError tells what became of a message that the store did not take: full, too large, or not available.
func storeError(err error) error {
	var api *jetstream.APIError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &api):
		return fmt.Errorf("%w: %w", apiError(api), err)
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("%w: %w", ErrTooLarge, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// apiError tells what an answer of the server says. What is not known may pass, if only when somebody mends the stream.
func apiError(api *jetstream.APIError) error {
	switch api.ErrorCode {
	case codeStoreFailed, codeInsufficientSpace, codeStreamLimits, codeAccountLimits, codeMemory:
		return ErrFull
	case codeMessageSize, codeHeaderSize:
		return ErrTooLarge
	}
	return ErrUnavailable
}
