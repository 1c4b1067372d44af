// Package kubeauth tells which node an agent speaks for: it asks the API server about the agent's own service account token.
//
//	token -> cache -> TokenReview -> name of the node
//
// An agent is a pod with a projected token: of the agents' service account, for the audience of Parallax alone, bound to its pod. The kubelet
// gets such a token for pods of its own node only (NodeRestriction), and the API server writes the node's name into it, so that the root of
// one node cannot speak for another. No secret is given to anybody, and a token that leaks is good for nothing but Parallax.
//
// An answer is believed for a bounded time, so that agents which connect again, all at once after a restart of the hub, do not become so many
// questions. Tokens are not kept: the cache knows their hashes. A flood of wrong tokens is bounded in what it asks of the API server and of
// memory, and pushes no right one out of the cache.
//
// An Authenticator may be used concurrently.
package kubeauth
