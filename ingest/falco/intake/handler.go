package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// Path is where alerts are posted to; a token may follow: /falco/TOKEN.
const Path = "/falco"

// HandlerConfig says who may send, and what a sender may make the handler hold. DefaultHandlerConfig has the bounds.
type HandlerConfig struct {
	// Senders may send with the token in the path, or as a bearer token. Clients whose certificate the server has verified may send without, under its name.
	Senders []Sender
	// Anyone is the name of those who are neither; empty: they are refused. For addresses of this machine only.
	Anyone string
	// Log takes what an operator should see, each kind at most once in ten seconds. nil: nothing is logged.
	Log *slog.Logger

	// MaxBodyBytes bounds an alert. What is larger is refused and lost.
	MaxBodyBytes int64
	// MaxRequests bounds the alerts that are taken in at once, MaxRequestsPerSender those of one sender. Beyond, they wait.
	MaxRequests, MaxRequestsPerSender int
	// BodyTimeout bounds the time that a body takes.
	BodyTimeout time.Duration
	// StoreTimeout bounds the time from the body to the answer. Within it, storing is tried again.
	StoreTimeout time.Duration
}

// DefaultHandlerConfig returns the bounds.
func DefaultHandlerConfig() HandlerConfig {
	return HandlerConfig{
		MaxBodyBytes: 1 << 20, MaxRequests: 128, MaxRequestsPerSender: 64, BodyTimeout: 10 * time.Second, StoreTimeout: 10 * time.Second,
	}
}

// Handler takes alerts over HTTP: what Falco's http_output and falcosidekick post, one a request. It answers 200 when the alert is stored.
type Handler struct {
	cfg     HandlerConfig
	store   Store
	senders atomic.Pointer[byToken]
	room    *room
	log     *rarely
	counts  counts
}

// NewHandler returns a handler that hands alerts to store.
func NewHandler(cfg HandlerConfig, store Store) *Handler {
	h := &Handler{cfg: cfg, store: store, room: newRoom(cfg.MaxRequests, cfg.MaxRequestsPerSender), log: newRarely(cfg.Log)}
	h.SetSenders(cfg.Senders)
	return h
}

// SetSenders replaces those who may send with a token. It may be called at any time.
func (h *Handler) SetSenders(senders []Sender) {
	hashed := hashSenders(senders)
	h.senders.Store(&hashed)
}

// ServeHTTP answers a request. There is no redirect, whatever the path.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out := h.handle(w, r)
	h.counts[out].Add(1)
	if out == Stored {
		_, _ = io.WriteString(w, "{}\n") // the client's matter
		return
	}
	if out != WrongMethod {
		w.Header().Set("Connection", "close") // what is left of the body is not read
	}
	if out == Unstored || out == Busy {
		w.Header().Set("Retry-After", "3")
	}
	http.Error(w, out.String(), out.status())
}

// handle does what is asked, in this order: who sends, whether there is room, the body, what it is, the store.
func (h *Handler) handle(w http.ResponseWriter, r *http.Request) Outcome {
	sender, ok := h.sender(r)
	if !ok {
		h.log.warn("Falco's alerts are refused: the sender is not known", "from", r.RemoteAddr)
		return Unauthorized
	}
	if r.Method != http.MethodPost {
		return WrongMethod
	}
	ctx, cancel := context.WithTimeout(r.Context(), h.cfg.StoreTimeout)
	defer cancel()
	if h.room.enter(ctx, sender) != nil {
		h.log.warn("Falco's alerts are lost: too many at once", "sender", sender)
		return Busy
	}
	defer h.room.leave(sender)
	body, err := h.body(w, r)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		h.log.warn("Falco's alert is lost: it is too large", "sender", sender, "limit", large.Limit)
		return TooLarge
	case err != nil:
		return Broken
	}
	return h.alert(context.WithoutCancel(r.Context()), sender, body) // who sent it need not wait
}

// sender is who sent the request: by certificate, by token, or anyone.
func (h *Handler) sender(r *http.Request) (name string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, Path)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	token := strings.Trim(rest, "/")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && token == "" {
		token = bearer
	}
	if token != "" {
		return h.senders.Load().find(token)
	}
	if name, ok = certified(r); ok {
		return name, true
	}
	return h.cfg.Anyone, h.cfg.Anyone != ""
}

// body reads the request's body.
func (h *Handler) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	conn := http.NewResponseController(w)
	if err := conn.SetReadDeadline(time.Now().Add(h.cfg.BodyTimeout)); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.cfg.MaxBodyBytes))
	if err != nil {
		return nil, err
	}
	return body, conn.SetReadDeadline(time.Time{})
}

// alert stores the alert in a body.
func (h *Handler) alert(ctx context.Context, sender string, body []byte) Outcome {
	if body = bytes.TrimSpace(body); len(body) == 0 || body[0] != '{' {
		h.log.warn("Falco's alerts are lost: they come as text. Set json_output: true in falco.yaml", "sender", sender)
		return Text
	}
	var line bytes.Buffer
	if err := json.Compact(&line, body); err != nil {
		h.log.warn("Falco's alerts are lost: they are no JSON", "sender", sender, "error", err)
		return NoJSON
	}
	ctx, cancel := context.WithTimeout(ctx, h.cfg.StoreTimeout)
	defer cancel()
	err := persist(ctx, h.store, sender, line.Bytes(), func(err error) {
		h.log.warn("Falco's alerts wait to be stored", "sender", sender, "error", err)
	})
	if err != nil {
		h.log.warn("Falco's alerts are lost: they could not be stored", "sender", sender, "error", err)
		return Unstored
	}
	return Stored
}
