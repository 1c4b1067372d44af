package kubeauth

import (
	"context"
	"fmt"
	"slices"

	authentication "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// Reviewer asks the API server about a token.
type Reviewer interface {
	Review(ctx context.Context, r *authentication.TokenReview) (*authentication.TokenReview, error)
}

// extraNode is where the API server tells the node of a token that is bound to a pod (NodeNameKey of
// k8s.io/apiserver/pkg/authentication/serviceaccount; Kubernetes 1.30 and later).
const extraNode = "authentication.kubernetes.io/node-name"

// ask asks the API server about a token, and judges what it says.
func (a *Authenticator) ask(ctx context.Context, token string) (node string, err error) {
	r := &authentication.TokenReview{Spec: authentication.TokenReviewSpec{Token: token, Audiences: []string{a.cfg.Audience}}}
	r, err = a.reviewer.Review(ctx, r)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return a.judge(&r.Status)
}

// judge returns the node that an answer tells of.
func (a *Authenticator) judge(s *authentication.TokenReviewStatus) (node string, err error) {
	switch {
	case !s.Authenticated:
		return "", fmt.Errorf("%w: the API server does not know it", ErrRefused)
	case !slices.Contains(s.Audiences, a.cfg.Audience): // empty: a token of the API server's own audience, and a server that did not look at ours
		return "", fmt.Errorf("%w: it is not for the audience %s", ErrRefused, a.cfg.Audience)
	case s.User.Username != a.user:
		return "", fmt.Errorf("%w: it is %q's, not %s's", ErrRefused, clip(s.User.Username), a.user)
	}
	nodes := s.User.Extra[extraNode]
	if len(nodes) != 1 {
		return "", fmt.Errorf("%w: it is not bound to a pod on one node, or the API server does not tell the node (Kubernetes 1.30 does)", ErrRefused)
	}
	if len(validation.IsDNS1123Subdomain(nodes[0])) > 0 {
		return "", fmt.Errorf("%w: %q is no name of a node", ErrRefused, clip(nodes[0]))
	}
	return nodes[0], nil
}

// clip bounds what is told of a text.
func clip(s string) string { return s[:min(len(s), 256)] }
