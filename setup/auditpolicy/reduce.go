package auditpolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
)

// head is what is read of an audit event (audit.k8s.io/v1 Event) to decide about it.
type head struct {
	Level      *Level `json:"level"`
	Stage      string `json:"stage"`
	RequestURI string `json:"requestURI"`
	Verb       string `json:"verb"`
	User       struct {
		Username string   `json:"username"`
		Groups   []string `json:"groups"`
	} `json:"user"`
	ObjectRef *struct {
		Resource    string `json:"resource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
		APIGroup    string `json:"apiGroup"`
		Subresource string `json:"subresource"`
	} `json:"objectRef"`
}

// asked returns what a policy looks at.
func (h *head) asked() *Asked {
	a := &Asked{User: h.User.Username, Groups: h.User.Groups, Verb: h.Verb}
	if h.ObjectRef == nil || h.ObjectRef.Resource == "" {
		a.Path = h.RequestURI
		if u, err := url.ParseRequestURI(h.RequestURI); err == nil {
			a.Path = u.Path
		}
		return a
	}
	o := h.ObjectRef
	a.Group, a.Resource, a.Subresource, a.Namespace, a.Name = o.APIGroup, o.Resource, o.Subresource, o.Namespace, o.Name
	if h.Verb == "create" && o.Subresource == "" {
		a.Name = "" // which came into the event from the body, after the policy was asked
	}
	return a
}

// AskedOf returns what a policy looks at in an audit event's request.
func AskedOf(event []byte) (*Asked, error) {
	var h head
	if err := json.Unmarshal(event, &h); err != nil {
		return nil, fmt.Errorf("audit event: %w", err)
	}
	return h.asked(), nil
}

// Reduce returns an audit event as it would be under the policy, nil where it would not be there. What the event does not
// have, since it was logged at a lower level, does not come back.
func (p *Policy) Reduce(event []byte) ([]byte, error) {
	var h head
	if err := json.Unmarshal(event, &h); err != nil {
		return nil, fmt.Errorf("audit event: %w", err)
	}
	d := p.Decide(h.asked())
	if d.Level == None || slices.Contains(d.OmitStages, h.Stage) {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(event, &members); err != nil {
		return nil, fmt.Errorf("audit event: %w", err)
	}
	if h.Level != nil {
		members["level"] = json.RawMessage(`"` + min(d.Level, *h.Level).String() + `"`)
	}
	if d.Level < RequestResponse {
		delete(members, "responseObject")
	}
	if d.Level < Request {
		delete(members, "requestObject")
	}
	if d.OmitManagedFields {
		for _, name := range []string{"requestObject", "responseObject"} {
			withoutManagedFields(members, name)
		}
	}
	return json.Marshal(members)
}

// withoutManagedFields takes metadata.managedFields out of a body.
func withoutManagedFields(members map[string]json.RawMessage, name string) {
	var body, metadata map[string]json.RawMessage
	if json.Unmarshal(members[name], &body) != nil || json.Unmarshal(body["metadata"], &metadata) != nil || metadata["managedFields"] == nil {
		return // not an object, or has none
	}
	delete(metadata, "managedFields")
	body["metadata"] = marshal(metadata)
	members[name] = marshal(body)
}

// marshal writes what was JSON before.
func marshal(members map[string]json.RawMessage) json.RawMessage {
	data, err := json.Marshal(members)
	if err != nil {
		panic(fmt.Sprintf("auditpolicy: %v: %v", members, err))
	}
	return data
}

// ReduceAll reduces JSON values one after the other: events, EventLists, and arrays of either. It returns the events that are left, one a line.
func (p *Policy) ReduceAll(data []byte) ([]byte, error) {
	var out bytes.Buffer
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		var value json.RawMessage
		err := dec.Decode(&value)
		if errors.Is(err, io.EOF) {
			return out.Bytes(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("audit events: %w", err)
		}
		if err := p.reduceValue(&out, value); err != nil {
			return nil, err
		}
	}
}

// reduceValue writes what is left of one value.
func (p *Policy) reduceValue(out *bytes.Buffer, value json.RawMessage) error {
	events, err := items(value)
	if err != nil {
		return err
	}
	if events == nil {
		reduced, err := p.Reduce(value)
		if err == nil && reduced != nil {
			out.Write(append(reduced, '\n'))
		}
		return err
	}
	for _, e := range events {
		if err := p.reduceValue(out, e); err != nil {
			return err
		}
	}
	return nil
}

// items returns what an array or an EventList holds, nil for anything else.
func items(value json.RawMessage) ([]json.RawMessage, error) {
	list := struct {
		Kind  string            `json:"kind"`
		Items []json.RawMessage `json:"items"`
	}{Kind: "EventList"}
	var err error
	if value[0] == '[' {
		err = json.Unmarshal(value, &list.Items)
	} else {
		err = json.Unmarshal(value, &list)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("audit events: %w", err)
	case list.Kind != "EventList":
		return nil, nil
	case list.Items == nil:
		return []json.RawMessage{}, nil
	}
	return list.Items, nil
}
