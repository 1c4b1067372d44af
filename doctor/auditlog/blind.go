package auditlog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/rules/condition"
)

// judge says of each rule on audit events what it does not see in the log.
func (s *Survey) judge(all []rules.Rule, out *Report) {
	lost := s.lostFields()
	for i := range all {
		r := &all[i]
		if r.Source != event.SourceAudit || !r.Enabled || r.Blind != "" || r.Expanded == nil {
			continue
		}
		out.Judged++
		name := RuleName{r.ID, r.Name}
		v := s.verdict(r, lost)
		switch {
		case len(v.missing) > 0:
			out.Rules = append(out.Rules, BlindRule{name, !v.blind, v.missing})
		case v.unseen:
			out.Unseen = append(out.Unseen, name)
		}
	}
}

// verdict is what a rule does not see.
type verdict struct {
	blind   bool // it can match nothing
	unseen  bool // the log has nothing that it could be about
	missing []string
}

func (v *verdict) add(blind bool, what string) {
	v.blind = v.blind || blind
	v.missing = append(v.missing, what)
}

func (s *Survey) verdict(r *rules.Rule, lost []string) (v verdict) {
	v.fields(r, lost)
	if s.withoutReads() {
		v.reads(r)
	}
	wanted := s.wanted(r)
	if len(wanted) == 0 {
		v.unseen = true
		return v
	}
	v.levels(r, wanted, s.kinds[envelope.GKE] > 0)
	v.stages(r, wanted)
	return v
}

// lostFields are the fields that are in no event, for what the events came in.
func (s *Survey) lostFields() (out []string) {
	first := true
	for k, n := range s.kinds {
		if n == 0 {
			continue
		}
		lost := audit.LostFields(envelope.Kind(k))
		if first {
			out, first = lost, false
			continue
		}
		out = slices.DeleteFunc(slices.Clone(out), func(f string) bool { return !slices.Contains(lost, f) })
	}
	return out
}

// fields looks for fields that the log does not tell. A comparison with one never holds.
func (v *verdict) fields(r *rules.Rule, lost []string) {
	var asks []string
	condition.Asks(r.Expanded, func(c *condition.Check) {
		if name := fieldOf(c); slices.Contains(lost, name) && !slices.Contains(asks, name) {
			asks = append(asks, name)
		}
	})
	if len(asks) == 0 {
		return
	}
	never := func(c *condition.Check) condition.Answer {
		if slices.Contains(lost, fieldOf(c)) {
			return condition.No
		}
		return condition.Perhaps
	}
	v.add(condition.Holds(r.Expanded, never) == condition.No, strings.Join(asks, ", "))
}

// fieldOf is the name of the field that a check is about; "" where it is about none.
func fieldOf(c *condition.Check) string {
	if f, ok := c.Left.(*condition.Field); ok {
		return f.Name
	}
	return ""
}

// verbs are those that the API server knows.
var verbs = []string{"create", "update", "patch", "delete", "deletecollection", "watch", "get", "list"}

// reads looks for requests with get and list, where the log has none.
func (v *verdict) reads(r *rules.Rule) {
	var seen, missing []string
	for _, verb := range verbs {
		switch {
		case !mayBe(r.Expanded, shape{resource: anyText, subresource: anyText, verb: verb, group: anyText}):
		case verb == "get", verb == "list":
			missing = append(missing, verb)
		default:
			seen = append(seen, verb)
		}
	}
	if len(missing) > 0 {
		v.add(len(seen) == 0, "requests with "+strings.Join(missing, " and "))
	}
}

// wanted are the shapes in the log that a rule could be about.
func (s *Survey) wanted(r *rules.Rule) map[shape]*facts {
	out := map[shape]*facts{}
	for sh, f := range s.shapes {
		if mayBe(r.Expanded, sh) {
			out[sh] = f
		}
	}
	return out
}

// levels looks for requests that are logged at a lower level than the rule needs. Where the level is concluded from the bodies
// that are there (GKE), only a rule that never has what it needs is told.
func (v *verdict) levels(r *rules.Rule, wanted map[shape]*facts, concluded bool) {
	need := slices.Index(levels, r.Needs.Level)
	if need <= 0 {
		return
	}
	var low []string
	good := false
	for sh, f := range wanted {
		best := 0
		for l, n := range f.levels {
			if n > 0 {
				best = l
			}
		}
		if best >= need {
			good = true
		} else if name := sh.name(); !slices.Contains(low, name) {
			low = append(low, name)
		}
	}
	if len(low) == 0 || good && concluded {
		return
	}
	slices.Sort(low)
	v.add(!good, fmt.Sprintf("level %s of %s", r.Needs.Level, list(low)))
}

// stages looks for the stages that the rule needs.
func (v *verdict) stages(r *rules.Rule, wanted map[shape]*facts) {
	need := r.Needs.Stages
	if len(need) == 0 && r.RequestAnchored {
		need = []string{"ResponseComplete", "ResponseStarted", "Panic"}
	}
	if len(need) == 0 {
		return
	}
	for _, f := range wanted {
		if slices.ContainsFunc(f.stages, func(s string) bool { return slices.Contains(need, s) }) {
			return
		}
	}
	v.add(true, "the stage "+strings.Join(need, " or "))
}

// maxListed is how many names a list for people has.
const maxListed = 5

func list(names []string) string {
	if n := len(names) - maxListed; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxListed], ", "), n)
	}
	return strings.Join(names, ", ")
}

// name is the resource as a policy names it.
func (sh shape) name() string {
	name := sh.resource
	if name == "" {
		return "paths that are no resource"
	}
	if sh.subresource != "" {
		name += "/" + sh.subresource
	}
	if sh.group != "" {
		name += "." + sh.group
	}
	return name
}
