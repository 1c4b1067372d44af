package daemon

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/falco"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/rules"
)

// RuleSet is loaded rules and how they are matched.
type RuleSet struct {
	*rules.Set
	Matching rules.Matching
	hashed   sync.Once
	hashOf   string
}

// judge returns a judge for one worker.
func (s *RuleSet) judge() pipeline.Judge { return falco.PassOn(s.NewJudge(s.Matching)) }

// hash names the rules in the stream.
func (s *RuleSet) hash() string {
	s.hashed.Do(func() { s.hashOf = s.Hash(s.Matching) })
	return s.hashOf
}

// openRules loads the rules.
func (d *Daemon) openRules(context.Context) error {
	set, err := d.s.LoadRules()
	if err != nil {
		return err
	}
	d.rules.Store(set)
	d.reloads.add("the rules", d.reloadRules, d.cfg.Rules.Files...)
	return nil
}

// reloadRules loads the rules again and, where they load, puts them into force: on the node at once, in the stream from the place
// on where it is told of them.
func (d *Daemon) reloadRules() error {
	set, err := d.s.LoadRules()
	if err != nil {
		return fmt.Errorf("load rules: %w", err)
	}
	d.rules.Store(set)
	if d.node != nil {
		d.node.judge.set.Store(set)
	}
	if d.hub == nil {
		return nil
	}
	d.hub.sets.Add(d.streamRules(set))
	if t := d.hub.term.Load(); t == nil || !t.leading() {
		return nil // the active hub tells the stream
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := d.hub.tellRules(ctx, set); err != nil {
		d.s.Log.Warn("the rules hold in the stream as soon as it takes their hash", "error", err.Error())
	}
	return nil
}

// streamRules are rules as the stream uses them.
func (d *Daemon) streamRules(s *RuleSet) pipeline.RuleSet {
	return pipeline.RuleSet{
		Hash: s.hash(),
		New: func() pipeline.Judge {
			if d.cfg.Output.Events {
				return pipeline.EveryEvent(s.judge())
			}
			return s.judge()
		},
		SourceOf: func(key string) (event.Source, bool) {
			r := s.Find(key)
			if r == nil {
				return 0, false
			}
			return r.Source, true
		},
	}
}

// Titles are the names of the rules by what alerts call them.
func (d *Daemon) Titles() map[string]string {
	out := map[string]string{}
	for _, r := range d.rules.Load().Rules() {
		out[cmp.Or(r.ID, r.Name)] = r.Name
	}
	return out
}
