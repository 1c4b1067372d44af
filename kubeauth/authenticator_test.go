package kubeauth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	authentication "k8s.io/api/authentication/v1"
)

// reviewer is a Reviewer made of a function.
type reviewer func(ctx context.Context, token string) (authentication.TokenReviewStatus, error)

func (f reviewer) Review(ctx context.Context, r *authentication.TokenReview) (*authentication.TokenReview, error) {
	s, err := f(ctx, r.Spec.Token)
	return &authentication.TokenReview{Status: s}, err
}

const agents = "system:serviceaccount:parallax-agents:parallax-agent"

// agentOn is the answer about an agent's token.
func agentOn(nodes ...string) authentication.TokenReviewStatus {
	return authentication.TokenReviewStatus{
		Authenticated: true, Audiences: []string{"parallax"},
		User: authentication.UserInfo{Username: agents, Extra: map[string]authentication.ExtraValue{extraNode: nodes}},
	}
}

func with(s authentication.TokenReviewStatus, change func(*authentication.TokenReviewStatus)) authentication.TokenReviewStatus {
	change(&s)
	return s
}

// token n has the form of a token.
func token(n int) string { return fmt.Sprintf("head.%d.signature", n) }

func newAuthenticator(t *testing.T, change func(*Config), r Reviewer) *Authenticator {
	t.Helper()
	cfg := DefaultConfig()
	if change != nil {
		change(&cfg)
	}
	a, err := New(cfg, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAnswers(t *testing.T) {
	type status = authentication.TokenReviewStatus
	for name, c := range map[string]struct {
		status authentication.TokenReviewStatus
		err    error
		node   string
		want   error
		says   string
	}{
		"an agent":                {status: agentOn("node-1.example"), node: "node-1.example"},
		"not known":               {status: status{Error: "expired"}, want: ErrRefused, says: "does not know"},
		"no audience looked at":   {status: with(agentOn("n"), func(s *status) { s.Audiences = nil }), want: ErrRefused, says: "audience"},
		"the API server's own":    {status: with(agentOn("n"), func(s *status) { s.Audiences = []string{"https://kubernetes.default.svc"} }), want: ErrRefused, says: "audience"},
		"another account":         {status: with(agentOn("n"), func(s *status) { s.User.Username = "system:serviceaccount:default:parallax-agent" }), want: ErrRefused, says: "not " + agents + "'s"},
		"a person":                {status: with(agentOn("n"), func(s *status) { s.User.Username = "alice" }), want: ErrRefused, says: "alice"},
		"not bound":               {status: agentOn(), want: ErrRefused, says: "not bound"},
		"bound to no node":        {status: agentOn(""), want: ErrRefused, says: "no name of a node"},
		"bound to two":            {status: agentOn("a", "b"), want: ErrRefused, says: "not bound"},
		"no name of a node":       {status: agentOn("a.>"), want: ErrRefused, says: "no name of a node"},
		"the server is not there": {err: errors.New("connection refused"), want: ErrUnavailable, says: "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAuthenticator(t, nil, reviewer(func(context.Context, string) (authentication.TokenReviewStatus, error) { return c.status, c.err }))
			node, err := a.Authenticate(t.Context(), token(1))
			if node != c.node || !errors.Is(err, c.want) {
				t.Errorf("node %q, error %v; want %q, %v", node, err, c.node, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), token(1))) {
				t.Errorf("error %q does not say %q, or tells the token", err, c.says)
			}
		})
	}
}

func TestWhatIsNoTokenIsNotAskedAbout(t *testing.T) {
	a := newAuthenticator(t, nil, reviewer(func(context.Context, string) (authentication.TokenReviewStatus, error) {
		t.Error("asked")
		return agentOn("n"), nil
	}))
	for _, text := range []string{"", "secret", "a.b", "a.b.c.d", strings.Repeat("a", maxTokenBytes) + ".b.c"} {
		if _, err := a.Authenticate(t.Context(), text); !errors.Is(err, ErrRefused) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if got := a.Stats(); got != (Stats{Refused: 5}) {
		t.Errorf("%+v", got)
	}
}

func TestAnswersAreBelievedForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked, good, broken := 0, true, false
		a := newAuthenticator(t, nil, reviewer(func(context.Context, string) (authentication.TokenReviewStatus, error) {
			asked++
			if broken {
				return authentication.TokenReviewStatus{}, errors.New("broken")
			}
			if !good {
				return authentication.TokenReviewStatus{}, nil
			}
			return agentOn("n"), nil
		}))
		f := func(want error, wantAsked int) {
			t.Helper()
			if _, err := a.Authenticate(t.Context(), token(1)); !errors.Is(err, want) || asked != wantAsked {
				t.Errorf("error %v, asked %d times; want %v, %d", err, asked, want, wantAsked)
			}
		}
		f(nil, 1)
		good = false // the pod was deleted
		time.Sleep(59 * time.Second)
		f(nil, 1)
		time.Sleep(time.Second)
		f(ErrRefused, 2)
		good = true
		time.Sleep(9 * time.Second)
		f(ErrRefused, 2)
		time.Sleep(time.Second)
		broken = true
		f(ErrUnavailable, 3)
		broken = false
		f(nil, 4)
		if got, want := a.Stats(), (Stats{Accepted: 2, Refused: 1, Cached: 2, Unavailable: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestWrongTokensPushOutNoRightOne(t *testing.T) {
	asked := 0
	a := newAuthenticator(t, func(c *Config) { c.MaxAccepted, c.MaxRefused = 2, 2 }, reviewer(func(_ context.Context, text string) (authentication.TokenReviewStatus, error) {
		asked++
		if text == token(0) || text == token(-1) {
			return agentOn("n"), nil
		}
		return authentication.TokenReviewStatus{}, nil
	}))
	for _, n := range []int{0, -1, 1, 2, 3, 4, 5} {
		_, _ = a.Authenticate(t.Context(), token(n))
	}
	if len(a.refused.answers) != 2 || len(a.accepted.answers) != 2 {
		t.Errorf("%d refused, %d accepted are remembered", len(a.refused.answers), len(a.accepted.answers))
	}
	before := asked
	for _, n := range []int{0, -1, 4, 5} {
		_, _ = a.Authenticate(t.Context(), token(n))
	}
	if asked != before {
		t.Errorf("asked again %d times", asked-before)
	}
}

func TestQuestionsAreBoundedInNumberAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		a := newAuthenticator(t, func(c *Config) { c.MaxAsking = 3 }, reviewer(func(ctx context.Context, _ string) (authentication.TokenReviewStatus, error) {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			<-ctx.Done() // the API server hangs
			return authentication.TokenReviewStatus{}, ctx.Err()
		}))
		began := time.Now()
		var all sync.WaitGroup
		for n := range 50 {
			all.Go(func() {
				if _, err := a.Authenticate(t.Context(), token(n)); !errors.Is(err, ErrUnavailable) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 3 || time.Since(began) != a.cfg.Timeout {
			t.Errorf("%d at a time, %v in all", most.Load(), time.Since(began))
		}
		if got := a.Stats(); got != (Stats{Unavailable: 50}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	for says, change := range map[string]func(*Config){
		"audience":        func(c *Config) { c.Audience = "" },
		"namespace":       func(c *Config) { c.Namespace = "a:b" },
		"service account": func(c *Config) { c.ServiceAccount = "" },
		"an hour":         func(c *Config) { c.Believe = 2 * time.Hour },
		"above 0":         func(c *Config) { c.MaxAsking = 0 },
	} {
		cfg := DefaultConfig()
		change(&cfg)
		if _, err := New(cfg, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
