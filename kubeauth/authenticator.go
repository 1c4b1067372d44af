package kubeauth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxTokenBytes bounds a token; those of Kubernetes have about one KiB.
const maxTokenBytes = 16 << 10

// Authenticator tells the nodes of agents.
type Authenticator struct {
	cfg      Config
	user     string // of the agents, as the API server calls it
	reviewer Reviewer
	asking   chan struct{} // holds one value for each question under way

	mu                sync.Mutex
	accepted, refused *cache // guarded by mu

	stats struct{ accepted, refused, cached, unavailable atomic.Uint64 }
}

// New returns an Authenticator that asks r, or what is wrong with cfg.
func New(cfg Config, r Reviewer) (*Authenticator, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("authentication of agents: %w", err)
	}
	return &Authenticator{
		cfg: cfg, user: "system:serviceaccount:" + cfg.Namespace + ":" + cfg.ServiceAccount,
		reviewer: r, asking: make(chan struct{}, cfg.MaxAsking),
		accepted: newCache(cfg.Believe, cfg.MaxAccepted), refused: newCache(cfg.Disbelieve, cfg.MaxRefused),
	}, nil
}

// Authenticate returns the name of the node that the agent with this token runs on. The error is one of ErrRefused, ErrUnavailable; it
// never holds the token.
func (a *Authenticator) Authenticate(ctx context.Context, token string) (node string, err error) {
	if len(token) > maxTokenBytes || strings.Count(token, ".") != 2 { // a service account token is a JWT
		a.stats.refused.Add(1)
		return "", fmt.Errorf("%w: it is no service account token", ErrRefused)
	}
	k := key(sha256.Sum256([]byte(token)))
	if known, ok := a.recall(k); ok {
		a.stats.cached.Add(1)
		return known.node, known.err
	}
	ctx, cancel := context.WithTimeout(ctx, a.cfg.Timeout)
	defer cancel()
	select {
	case a.asking <- struct{}{}:
		defer func() { <-a.asking }()
	case <-ctx.Done():
		a.stats.unavailable.Add(1)
		return "", fmt.Errorf("%w: too many are asked about: %w", ErrUnavailable, ctx.Err())
	}
	node, err = a.ask(ctx, token)
	a.remember(k, answer{node: node, err: err})
	return node, err
}

// recall returns what is known of a token.
func (a *Authenticator) recall(k key) (answer, bool) {
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	if known, ok := a.accepted.get(k, now); ok {
		return known, true
	}
	return a.refused.get(k, now)
}

// remember keeps and counts what a token came to.
func (a *Authenticator) remember(k key, what answer) {
	if errors.Is(what.err, ErrUnavailable) {
		a.stats.unavailable.Add(1)
		return
	}
	count, in := &a.stats.accepted, a.accepted
	if what.err != nil {
		count, in = &a.stats.refused, a.refused
	}
	count.Add(1)
	a.mu.Lock()
	defer a.mu.Unlock()
	in.put(k, what, time.Now())
}
