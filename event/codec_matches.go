package event

import (
	"errors"
	"fmt"
)

// MaxBatchMatches and MaxBatchFacts are how many matches and facts one batch of an agent may have.
const (
	MaxBatchMatches = 256
	MaxBatchFacts   = 256
)

// AppendMatches appends a batch of at most MaxBatchMatches matches and MaxBatchFacts facts, in the form that ParseMatches reads. Rules
// and details that matches share are written once.
func AppendMatches(dst []byte, h Head, matches []Match, facts []Fact) []byte {
	b := matchBatch{head: h, facts: facts, matches: make([]matchRef, len(matches))}
	rules, details := map[*Rule]int{}, map[*Details]int{}
	for i := range matches {
		m := &matches[i]
		b.matches[i] = matchRef{rule: place(&b.rules, rules, m.Rule), details: place(&b.details, details, m.Details), Match: *m}
	}
	return message(dst, 'M', &b, codeBatch)
}

// ParseMatches reads what AppendMatches wrote; b may be anything, and nothing of it is kept. Memory is bounded by a multiple of len(b), beside
// a megabyte. Matches have details, and a rule where they had one; what was shared is shared again. Texts and lists are within the bounds of
// Clip and ClipList, as those that agents send are.
func ParseMatches(b []byte) (Head, []Match, []Fact, error) {
	var got matchBatch
	if err := parseMessage(b, 'M', true, &got, codeBatch); err != nil {
		return Head{}, nil, nil, fmt.Errorf("parse matches: %w", err)
	}
	matches := make([]Match, len(got.matches))
	for i := range got.matches {
		m := &got.matches[i]
		if m.rule < 0 || m.rule > len(got.rules) || m.details < 1 || m.details > len(got.details) {
			return Head{}, nil, nil, errors.New("parse matches: a match of no rule or details")
		}
		matches[i] = m.Match
		matches[i].Details = got.details[m.details-1]
		if m.rule > 0 {
			matches[i].Rule = got.rules[m.rule-1]
		}
	}
	return got.head, matches, got.facts, nil
}

// matchBatch is a batch as it is coded.
type matchBatch struct {
	head    Head
	rules   []*Rule
	details []*Details
	matches []matchRef
	facts   []Fact
}

// matchRef is a match that names rule and details by their places, from 1; 0 is none.
type matchRef struct {
	rule, details int
	Match
}

// place returns the place of p in a list, from 1, and puts it there first if it has none.
func place[T any](list *[]*T, places map[*T]int, p *T) int {
	if p == nil {
		return 0
	}
	at, known := places[p]
	if !known {
		*list = append(*list, p)
		at = len(*list)
		places[p] = at
	}
	return at
}

func codeBatch(c *coder, b *matchBatch) {
	object(c, &b.head, codeHead)
	objects(c, &b.rules, MaxBatchMatches, shared(codeRule))
	objects(c, &b.details, MaxBatchMatches, shared(codeDetails))
	objects(c, &b.matches, MaxBatchMatches, codeMatchRef)
	objects(c, &b.facts, MaxBatchFacts, codeFact)
}

// shared codes what stands in a list as a pointer.
func shared[T any](fields func(*coder, *T)) func(*coder, **T) {
	return func(c *coder, v **T) {
		if c.reading {
			*v = new(T)
		}
		fields(c, *v)
	}
}

func codeMatchRef(c *coder, m *matchRef) {
	c.int(&m.rule)
	c.int(&m.details)
	c.text(&m.Output)
	c.text(&m.Message)
	c.int(&m.Severity)
}
