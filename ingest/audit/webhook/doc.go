// Package webhook is the HTTPS endpoint that Kubernetes API servers send their audit events to (docs/WEBHOOK.md).
//
//	request -> who sends it -> body (bounded, unpacked, told to be JSON) -> Store -> 200 {}
//
// An answer of 200 means that Store returned without an error: the body is durable. Nothing is decoded before that, but for a
// look whether it is JSON at all; what is not goes to quarantine and is answered 200 too, since the API server sends what is
// refused a few times more and then gives it up. When the body cannot be stored, or there is no room for it, the answer is 503
// with Retry-After, which lets the API server try for the longest time (243 s, SINKS.md 6.2). There is never a redirect, which the
// API server would take for success, and never an answer later than Config.AnswerTimeout.
//
// Everything a sender can make the server hold is bounded by Config; what happens at each bound is an Outcome, and counted.
//
// A Server may be used by any number of goroutines; Run is called once.
package webhook
