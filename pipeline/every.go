package pipeline

import "github.com/parallax-sec/parallax/event"

// EveryEvent returns a judge that appends, before the matches of j, one without a rule for each event: with it every event is
// given out as it is, in its place among the alerts.
func EveryEvent(j Judge) Judge { return everyEvent{j} }

type everyEvent struct{ rules Judge }

// Judge appends the event, then what the rules make of it.
func (j everyEvent) Judge(e event.Event, dst []event.Match) []event.Match {
	dst = append(dst, event.Match{Details: e.Details(event.ScopeEvent, 0)})
	return j.rules.Judge(e, dst)
}
