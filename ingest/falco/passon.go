package falco

import (
	"regexp"

	"github.com/parallax-sec/parallax/event"
)

// PassOnRule is the id of the rule whose matches are passed on as alerts of Falco's own rules.
const PassOnRule = "R90"

// Judge tells the matches of an event.
type Judge interface {
	// Judge appends the matches of e to dst.
	Judge(e event.Event, dst []event.Match) []event.Match
}

// PassOn returns a judge that gives the matches of PassOnRule the name, tags and techniques of Falco's rule, so that a passed-on alert
// names the rule that made it. The id stays ours: a name that somebody else chooses must not meet one of our rules.
func PassOn(j Judge) Judge { return passOn{j} }

type passOn struct{ rules Judge }

// Judge appends the matches of an event to dst.
func (p passOn) Judge(e event.Event, dst []event.Match) []event.Match {
	before := len(dst)
	dst = p.rules.Judge(e, dst)
	own, ok := e.(*Event)
	if !ok {
		return dst
	}
	for i := before; i < len(dst); i++ {
		if r := dst[i].Rule; r != nil && r.ID == PassOnRule {
			dst[i].Rule = own.named(r)
		}
	}
	return dst
}

// maxRuleName bounds the name of Falco's rule where it stands for one of ours, in bytes.
const maxRuleName = 256

var technique = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

// named is r under the name of Falco's rule.
func (e *Event) named(r *event.Rule) *event.Rule {
	own := *r
	own.Name, own.Tags = event.Clip(e.rule, maxRuleName), event.ClipList(e.tags)
	var ids []string
	for _, tag := range own.Tags {
		if technique.MatchString(tag) {
			ids = append(ids, tag)
		}
	}
	own.Threat = event.NewThreat(ids)
	return &own
}
