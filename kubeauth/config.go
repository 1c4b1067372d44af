package kubeauth

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Config says which tokens are accepted, and how much may be asked.
type Config struct {
	// Audience is the audience that tokens are to be made for.
	Audience string
	// Namespace and ServiceAccount name the agents' service account. No other is accepted.
	Namespace, ServiceAccount string
	// Believe is how long an accepted token is accepted without asking again, and Disbelieve how long a refused one is refused. An error
	// of asking is not kept.
	Believe, Disbelieve time.Duration
	// MaxAccepted and MaxRefused bound how many tokens are remembered; the oldest are forgotten first.
	MaxAccepted, MaxRefused int
	// MaxAsking is how many questions may be under way at a time; who comes then waits. Timeout is how long one question may take, the waiting
	// included.
	MaxAsking int
	Timeout   time.Duration
}

// DefaultConfig is for the manifests of the project: service account parallax-agent in namespace parallax-agents, believed for a minute.
func DefaultConfig() Config {
	return Config{
		Audience: "parallax", Namespace: "parallax-agents", ServiceAccount: "parallax-agent",
		Believe: time.Minute, Disbelieve: 10 * time.Second,
		MaxAccepted: 16384, MaxRefused: 1024,
		MaxAsking: 16, Timeout: 5 * time.Second,
	}
}

// Validate returns all that is wrong with c.
func (c Config) Validate() error {
	var errs []error
	if c.Audience == "" {
		errs = append(errs, errors.New("audience: empty: a token for the API server itself would do"))
	}
	if why := validation.IsDNS1123Label(c.Namespace); len(why) > 0 {
		errs = append(errs, fmt.Errorf("namespace %q: %s", c.Namespace, why[0]))
	}
	if why := validation.IsDNS1123Subdomain(c.ServiceAccount); len(why) > 0 {
		errs = append(errs, fmt.Errorf("service account %q: %s", c.ServiceAccount, why[0]))
	}
	if c.Believe < 0 || c.Believe > time.Hour || c.Disbelieve < 0 || c.Disbelieve > time.Hour {
		errs = append(errs, errors.New("an answer is believed for at least 0 and at most an hour"))
	}
	if c.MaxAccepted < 1 || c.MaxRefused < 1 || c.MaxAsking < 1 || c.Timeout <= 0 {
		errs = append(errs, errors.New("bounds and timeout must be above 0"))
	}
	return errors.Join(errs...)
}
