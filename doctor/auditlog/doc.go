// Package auditlog finds out what an audit log lets rules see.
//
//	events of a log -> Survey -> Report: what it came in, levels, stages, what is missing, which rules are blind on it
//
// What a log says is taken from its events, never from a policy: the report is about what is there. A rule that asks for requests of
// which the log has none is not called blind: nobody may have made one (Report.Unseen).
//
// A Survey belongs to one goroutine. Its memory is bounded, whatever the log holds.
package auditlog
