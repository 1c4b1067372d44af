package auditpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ReduceAll reduces JSON values one after the other: events, EventLists, and arrays of events. It returns the events that are
// left, one a line, and what was lost, in the order of the events, each once. What is no object or array is an error.
func (p *Policy) ReduceAll(data []byte) (left []byte, lost []string, err error) {
	var out all
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var value json.RawMessage
		err := dec.Decode(&value)
		if errors.Is(err, io.EOF) {
			return out.left.Bytes(), out.lost, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("audit events: %w", err)
		}
		if err := p.reduceValue(&out, value); err != nil {
			return nil, nil, err
		}
	}
}

// all is what ReduceAll gathers.
type all struct {
	left bytes.Buffer
	lost []string
}

// reduceValue adds what is left of one value.
func (p *Policy) reduceValue(out *all, value json.RawMessage) error {
	events, err := items(value)
	if err != nil {
		return fmt.Errorf("audit events: %w", err)
	}
	if events == nil {
		events = []json.RawMessage{value}
	}
	for _, e := range events {
		r, err := p.Reduce(e)
		if err != nil {
			return err
		}
		if r.Event != nil {
			out.left.Write(append(r.Event, '\n'))
		}
		if r.Lost != "" && !slices.Contains(out.lost, r.Lost) {
			out.lost = append(out.lost, r.Lost)
		}
	}
	return nil
}

// items returns what an array or an EventList holds, nil for anything else.
func items(value json.RawMessage) ([]json.RawMessage, error) {
	out := []json.RawMessage{}
	if value[0] == '[' {
		err := json.Unmarshal(value, &out)
		return out, err
	}
	var list struct {
		Kind  string            `json:"kind"`
		Items []json.RawMessage `json:"items"`
	}
	err := json.Unmarshal(value, &list)
	if err != nil || list.Kind != "EventList" {
		return nil, err
	}
	return append(out, list.Items...), nil
}
