// Package scrub blanks out what looks like a credential in texts that go into alerts: command lines, request URIs and rule
// outputs. It goes by shape and by neighbourhood (a flag, a key, a header), so it errs both ways: it is a second line of
// defence behind an audit policy that does not record secrets.
//
// Everything else stays as it is, since it is evidence: names of secrets, paths of token files, shell variables, digests.
// The functions are pure, take linear time in the length of the text and may be called concurrently.
//
//	text, argv or request URI -> the same with *** in place of credentials
package scrub
