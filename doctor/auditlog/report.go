package auditlog

import (
	"fmt"
	"time"

	"github.com/parallax-sec/parallax/ingest/audit/envelope"
	"github.com/parallax-sec/parallax/rules"
)

// Report is what a log lets rules see. Its JSON is for programs: fields are added, not renamed.
type Report struct {
	Events   uint64            `json:"events"`
	First    string            `json:"first,omitempty"` // stageTimestamp of the oldest event
	Last     string            `json:"last,omitempty"`
	BadLines uint64            `json:"bad_lines"`
	CameIn   map[string]uint64 `json:"came_in"`            // events by what they came in
	LeftOut  map[string]uint64 `json:"left_out,omitempty"` // pieces of other logs
	Levels   map[string]uint64 `json:"levels"`
	Stages   map[string]uint64 `json:"stages"`
	Verbs    map[string]uint64 `json:"verbs"`
	// Truncated are events whose bodies were left out because of their size.
	Truncated uint64 `json:"truncated"`
	// Missing says what the log does not tell.
	Missing []string `json:"missing"`
	// Rules are those that are blind on this log, in whole or in part.
	Rules []BlindRule `json:"blind_rules"`
	// Unseen are the rules for which the log has no request that they could be about: whether they are blind is not known.
	Unseen []RuleName `json:"unseen_rules"`
	// Judged is how many rules on audit events were looked at.
	Judged int `json:"rules"`
}

// RuleName names a rule.
type RuleName struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

// BlindRule is a rule that cannot match in this log, or not all that it asks for.
type BlindRule struct {
	RuleName
	Partly  bool     `json:"partly"` // it can still match by other events
	Missing []string `json:"missing"`
}

// Report says what the log lets these rules see.
func (s *Survey) Report(all []rules.Rule) Report {
	r := Report{
		Events: s.events, BadLines: s.faults, Levels: s.levels, Stages: s.stages, Verbs: s.verbs, Truncated: s.truncated,
		CameIn: map[string]uint64{}, LeftOut: map[string]uint64{}, Missing: []string{}, Rules: []BlindRule{}, Unseen: []RuleName{},
	}
	if s.events == 0 {
		return r
	}
	r.First, r.Last = stamp(s.firstNs), stamp(s.lastNs)
	for k, n := range s.kinds {
		if n > 0 {
			r.CameIn[envelope.Kind(k).String()] = n
		}
	}
	for o := range envelope.Other(envelope.NumOther) {
		if n := s.seen.Others(o); n > 0 {
			r.LeftOut[o.String()] = n
		}
	}
	r.Missing = append(r.Missing, s.missing()...)
	s.judge(all, &r)
	return r
}

func stamp(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339Nano) }

// enough is how many events a log must have before what is not among them is called missing.
const enough = 100

// missing says what the log does not tell, by what it came in and by what is in no event.
func (s *Survey) missing() (out []string) {
	for k, n := range s.kinds {
		if lost := envelope.Kind(k).Lost(); n > 0 && lost != "" {
			out = append(out, lost)
		}
	}
	if s.withoutReads() {
		out = append(out, "get and list requests: "+envelope.AKSAdmin.String()+" leaves them out, and with them every exec over WebSocket "+
			"(verb get, the default of kubectl since 1.31) and every reading of secrets; export kube-audit instead")
	}
	if s.events < enough {
		return out
	}
	if !s.withoutReads() && s.verbs["get"]+s.verbs["list"] == 0 {
		out = append(out, fmt.Sprintf("get and list requests: none among %d events", s.events))
	}
	for _, a := range asked {
		if s.has[a.field] == 0 {
			out = append(out, a.name+": in no event")
		}
	}
	return append(out, s.missingStages()...)
}

// missingStages says what is not seen of requests because stages are not logged.
func (s *Survey) missingStages() (out []string) {
	if s.stages["ResponseComplete"] == 0 {
		out = append(out, "the stage ResponseComplete: how requests ended")
	}
	if s.stages["ResponseStarted"] == 0 {
		out = append(out, "the stage ResponseStarted: exec, attach, port-forward, proxy and watch are told when they end only")
	}
	if s.stages["RequestReceived"] == 0 {
		out = append(out, "the stage RequestReceived: a request that the API server never came to log is not noticed")
	}
	return out
}

// withoutReads says whether all events are of a kind that leaves get and list out.
func (s *Survey) withoutReads() bool {
	return s.events > 0 && s.kinds[envelope.AKSAdmin]+s.kinds[envelope.AKSAdminTable] == s.events
}
