package doctor

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/rules/condition"
)

// eventTypes sorts the events that rules know by evt.type into those that come here and those that do not. A hook that no event is made
// of, as those of cgroups, counts for neither, and failed execs come on demand only.
func eventTypes(hooks []Hook) (seen, missing []string) {
	types := map[string][]string{
		"exec": {"execve", "execveat"}, "fork": {"clone"}, "exit": {"procexit"},
		"failed execve": nil, "failed execveat": nil,
		"cgroup_mkdir": nil, "cgroup_rmdir": nil, "cgroup_attach_task": nil,
	}
	for _, h := range hooks {
		names, special := types[h.Name]
		if !special {
			names = []string{h.Name}
		}
		if h.Mechanism != "" {
			seen = append(seen, names...)
		} else {
			missing = append(missing, names...)
		}
	}
	return seen, missing
}

// blindRules returns the rules on system calls that ask for events that do not come. A rule that takes any type of event asks for none.
func blindRules(all []rules.Rule, seen, missing []string) (out []BlindRule) {
	for i := range all {
		r := &all[i]
		if r.Source != event.SourceKernel || !r.Enabled || r.Blind != "" || r.Expanded == nil {
			continue
		}
		if holds(r.Expanded, anyOther) != no {
			continue
		}
		lost := wanted(r.Expanded, missing)
		if len(lost) == 0 {
			continue
		}
		out = append(out, BlindRule{ID: r.ID, Name: r.Name, Partly: len(wanted(r.Expanded, seen)) > 0, Missing: lost})
	}
	return out
}

// anyOther stands for a type of event that no rule names.
const anyOther = ""

// wanted returns those types for which the condition is not false already.
func wanted(cond condition.Expr, types []string) (out []string) {
	for _, t := range types {
		if holds(cond, t) != no {
			out = append(out, t)
		}
	}
	return out
}

// answer is whether a condition holds when nothing but the type of the event is known.
type answer int

const (
	no answer = iota
	perhaps
	yes
)

func holds(e condition.Expr, evtType string) answer {
	switch e := e.(type) {
	case *condition.And:
		out := yes
		for _, k := range e.Kids {
			out = min(out, holds(k, evtType))
		}
		return out
	case *condition.Or:
		out := no
		for _, k := range e.Kids {
			out = max(out, holds(k, evtType))
		}
		return out
	case *condition.Not:
		return yes - holds(e.Kid, evtType)
	case *condition.Check:
		return checkHolds(e, evtType)
	}
	return perhaps
}

// checkHolds answers comparisons of evt.type with constants.
func checkHolds(c *condition.Check, evtType string) answer {
	field, ok := c.Left.(*condition.Field)
	if !ok || field.Name != "evt.type" || c.Mod != condition.ModNone {
		return perhaps
	}
	switch c.Op {
	case condition.OpEq, condition.OpIn:
		return truth(slices.Contains(constants(c.Right), evtType))
	case condition.OpNe:
		return truth(!slices.Contains(constants(c.Right), evtType))
	}
	return perhaps
}

func truth(b bool) answer {
	if b {
		return yes
	}
	return no
}

func constants(o condition.Operand) (out []string) {
	switch o := o.(type) {
	case *condition.Text:
		return []string{o.Value}
	case *condition.List:
		for _, item := range o.Items {
			out = append(out, constants(item)...)
		}
	}
	return out
}
