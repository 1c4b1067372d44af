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
		if holds(r.Expanded, anyOther) != condition.No {
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
		if holds(cond, t) != condition.No {
			out = append(out, t)
		}
	}
	return out
}

// holds says whether a condition holds when nothing but the type of the event is known.
func holds(e condition.Expr, evtType string) condition.Answer {
	return condition.Holds(e, func(c *condition.Check) condition.Answer { return checkHolds(c, evtType) })
}

// checkHolds answers comparisons of evt.type with constants.
func checkHolds(c *condition.Check, evtType string) condition.Answer {
	field, ok := c.Left.(*condition.Field)
	if !ok || field.Name != "evt.type" || c.Mod != condition.ModNone {
		return condition.Perhaps
	}
	switch c.Op {
	case condition.OpEq, condition.OpIn:
		return truth(slices.Contains(condition.Texts(c.Right), evtType))
	case condition.OpNe:
		return truth(!slices.Contains(condition.Texts(c.Right), evtType))
	}
	return condition.Perhaps
}

func truth(b bool) condition.Answer {
	if b {
		return condition.Yes
	}
	return condition.No
}
