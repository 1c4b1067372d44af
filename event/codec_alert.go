package event

import (
	"errors"
	"fmt"
)

// AppendAlert appends a, with its rule and its details, in the form that ParseAlert reads.
func AppendAlert(dst []byte, a *Alert) []byte { return message(dst, 'A', a, codeAlert) }

// ParseAlert reads what AppendAlert wrote; b may be anything, and nothing of it is kept. Memory is bounded by a multiple of len(b).
func ParseAlert(b []byte) (*Alert, error) {
	a := new(Alert)
	if err := parseMessage(b, 'A', false, a, codeAlert); err != nil {
		return nil, fmt.Errorf("parse alert: %w", err)
	}
	if a.Details == nil {
		return nil, errors.New("parse alert: no details")
	}
	if a.Rule == nil {
		a.Rule = &noRule
	}
	return a, nil
}

func codeAlert(c *coder, a *Alert) {
	c.text(&a.ID)
	optional(c, &a.Rule, codeRule)
	c.int64(&a.TimeNs)
	c.int(&a.Severity)
	c.text(&a.Message)
	c.text(&a.Reason)
	c.text((*string)(&a.Status))
	c.int(&a.Revision)
	c.text((*string)(&a.Confidence))
	c.bool(&a.Late)
	c.texts(&a.Anchors)
	optional(c, &a.Details, codeDetails)
	c.bool(&a.Plain)
}
