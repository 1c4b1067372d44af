package pipeline

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/parallax-sec/parallax/event"
)

// RuleSet is loaded rules as a stream uses them. It is immutable.
type RuleSet struct {
	Hash string       // names it in the stream
	New  func() Judge // makes a judge for one worker
	// SourceOf returns the source of a rule by its key; ok is false where there is no such rule.
	SourceOf func(key string) (s event.Source, ok bool)
}

// maxRuleSets is how many rule sets are kept: the one in force, those that batches under way are judged by, and the next.
const maxRuleSets = 4

// RuleSets are the rule sets of a process. Which of them holds is said in the stream: a rule set holds from the place of the message
// that names it, so that whoever reads the stream again judges alike. Its methods may be called from any goroutine.
type RuleSets struct {
	mu      sync.Mutex
	sets    []RuleSet // the newest last
	inForce string    // hash
	// wanted is what the stream asked for and this process did not have; empty where it has it.
	wanted string
}

// NewRuleSets returns rule sets of which the first is in force.
func NewRuleSets(first RuleSet) *RuleSets {
	return &RuleSets{sets: []RuleSet{first}, inForce: first.Hash}
}

// Add adds a rule set, which holds from the message on that names it; at once, where that has gone by.
func (r *RuleSets) Add(s RuleSet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sets = slices.DeleteFunc(r.sets, func(o RuleSet) bool { return o.Hash == s.Hash })
	r.sets = append(r.sets, s)
	if len(r.sets) > maxRuleSets {
		old := slices.IndexFunc(r.sets, func(o RuleSet) bool { return o.Hash != r.inForce })
		r.sets = slices.Delete(r.sets, old, old+1)
	}
	if r.wanted == s.Hash {
		r.inForce, r.wanted = s.Hash, ""
	}
}

// InForce returns the hash of the rule set that holds where the stream is read.
func (r *RuleSets) InForce() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.inForce
}

// find returns the rule set of a hash, and the one in force where it is not known.
func (r *RuleSets) find(hash string) RuleSet {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range []string{hash, r.inForce} {
		if i := slices.IndexFunc(r.sets, func(s RuleSet) bool { return s.Hash == h }); i >= 0 {
			return r.sets[i]
		}
	}
	panic("no rule set is in force")
}

// hold puts the rule set of a hash in force, and says whether there is one.
func (r *RuleSets) hold(hash string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.has(hash) {
		r.wanted = hash
		return false
	}
	r.inForce, r.wanted = hash, ""
	return true
}

// begin puts the rule set of a hash in force, if there is one.
func (r *RuleSets) begin(hash string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.has(hash) {
		r.inForce = hash
	}
}

// has says whether there is a rule set of a hash. mu is held.
func (r *RuleSets) has(hash string) bool {
	return slices.ContainsFunc(r.sets, func(s RuleSet) bool { return s.Hash == hash })
}

// control is what a control message says.
type control struct {
	Rules string `json:"rules,omitempty"` // hash of the rule set that holds from here on
}

// RulesMessage returns the control message that says that a rule set holds from its place in the stream on.
func RulesMessage(hash string) []byte {
	b, err := json.Marshal(control{hash})
	if err != nil {
		panic(err) // a text
	}
	return b
}

// ruled is a source that says of each batch which rules hold.
type ruled struct {
	Source
	rules *RuleSets
}

// Next returns the next batch.
func (s ruled) Next(ctx context.Context) (*event.Batch, error) {
	b, err := s.Source.Next(ctx)
	if err != nil {
		return nil, err
	}
	if b.Kind == event.BatchControl && len(b.Data) > 0 {
		s.control(b)
	}
	b.Rules = s.rules.InForce()
	return b, nil
}

func (s ruled) control(b *event.Batch) {
	var c control
	fault := event.Fault{Origin: b.Origin, Data: clippedData(b.Data)}
	if err := json.Unmarshal(b.Data, &c); err != nil {
		fault.Reason = "control message: " + err.Error()
	} else if c.Rules == "" || s.rules.hold(c.Rules) {
		return
	} else {
		fault.Reason = "the rule set " + event.Clip(c.Rules, 64) + " is not loaded here: the one before stays in force"
	}
	b.Faults = append(b.Faults, fault)
}

// maxFaultData is how much a fault keeps of the piece that could not be read.
const maxFaultData = 64 << 10

// clippedData returns a copy of the beginning of b, for a fault.
func clippedData(b []byte) []byte { return slices.Clone(b[:min(len(b), maxFaultData)]) }
