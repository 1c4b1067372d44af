// Package policy holds the tests of the audit policy that setup writes: that it is one to the API server's own code, that it keeps
// the built-in rules seeing, and that it lets no secret into a log.
package policy
