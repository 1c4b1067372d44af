package auditpolicy

import (
	"encoding/json"
	"fmt"
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

// Reduced is an audit event as it would be under a policy.
type Reduced struct {
	Event []byte // nil where it would not be there
	Lost  string // for people: what the policy takes out of it, and by which rule; empty: nothing that rules look at
}

// Reduce takes out of an audit event what the policy does not log. What the event does not have, since it was logged at a lower
// level, does not come back.
func (p *Policy) Reduce(event []byte) (Reduced, error) {
	var h head
	if err := json.Unmarshal(event, &h); err != nil {
		return Reduced{}, fmt.Errorf("audit event: %w", err)
	}
	asked := h.asked()
	d := p.Decide(asked)
	if d.Level == None || slices.Contains(d.OmitStages, h.Stage) {
		return Reduced{Lost: d.tell(asked, h.Stage)}, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(event, &members); err != nil {
		return Reduced{}, fmt.Errorf("audit event: %w", err)
	}
	var r Reduced
	answer := take(members, "responseObject", d.Level < RequestResponse)
	request := take(members, "requestObject", d.Level < Request)
	if answer || request {
		r.Lost = d.tell(asked, h.Stage)
	}
	if h.Level != nil {
		members["level"] = json.RawMessage(`"` + min(d.Level, *h.Level).String() + `"`)
	}
	if d.OmitManagedFields {
		withoutManagedFields(members, "requestObject")
		withoutManagedFields(members, "responseObject")
	}
	var err error
	r.Event, err = json.Marshal(members)
	return r, err
}

// take removes a member when it is asked to, and tells whether there was anything in it.
func take(members map[string]json.RawMessage, name string, asked bool) bool {
	had := asked && len(members[name]) > 0 && string(members[name]) != "null"
	if asked {
		delete(members, name)
	}
	return had
}

// tell says what is not logged of a stage of a request.
func (d *Decision) tell(a *Asked, stage string) string {
	by := "no rule of the policy fits"
	if d.Rule > 0 {
		by = fmt.Sprintf("rule %d of the policy", d.Rule)
	}
	switch {
	case d.Level == None:
		return fmt.Sprintf("%s is not logged (%s)", a, by)
	case slices.Contains(d.OmitStages, stage):
		return fmt.Sprintf("%s is logged without the stage %s (%s)", a, stage, by)
	}
	return fmt.Sprintf("%s is logged at the level %s (%s)", a, d.Level, by)
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
