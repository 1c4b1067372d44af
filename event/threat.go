package event

import (
	"slices"
	"strings"
)

// Threat is what a rule says of MITRE ATT&CK, in the lists that ECS has for it. A technique that the table does not know
// is in the list of ids and not in that of names.
type Threat struct {
	TacticIDs, TacticNames             []string
	TechniqueIDs, TechniqueNames       []string
	SubtechniqueIDs, SubtechniqueNames []string
}

// NewThreat looks up the techniques (T1611) and sub-techniques (T1059.004) that a rule names. The tactics are all that
// ATT&CK lists a technique under.
func NewThreat(ids []string) Threat {
	var t Threat
	var tactics []string
	for _, id := range ids {
		parent, _, isSub := strings.Cut(id, ".")
		if isSub {
			t.SubtechniqueIDs, t.SubtechniqueNames = addTechnique(t.SubtechniqueIDs, t.SubtechniqueNames, id)
		}
		t.TechniqueIDs, t.TechniqueNames = addTechnique(t.TechniqueIDs, t.TechniqueNames, parent)
		tactics = append(tactics, lookupTechnique(parent).tactics...)
	}
	for _, tactic := range attackTactics {
		if slices.Contains(tactics, tactic.id) {
			t.TacticIDs, t.TacticNames = append(t.TacticIDs, tactic.id), append(t.TacticNames, tactic.name)
		}
	}
	return t
}

func addTechnique(ids, names []string, id string) ([]string, []string) {
	if slices.Contains(ids, id) {
		return ids, names
	}
	if name := lookupTechnique(id).name; name != "" {
		names = append(names, name)
	}
	return append(ids, id), names
}

// technique is one row of ATT&CK; a sub-technique has its parent's tactics and lists none.
type technique struct {
	id, name string
	tactics  []string
}

// TechniqueName returns the name of a technique or sub-technique, or nothing where the table does not know the id.
func TechniqueName(id string) string { return lookupTechnique(id).name }

func lookupTechnique(id string) technique {
	i, found := slices.BinarySearchFunc(attackTechniques, id, func(t technique, id string) int { return strings.Compare(t.id, id) })
	if !found {
		return technique{}
	}
	return attackTechniques[i]
}
