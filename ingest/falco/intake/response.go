package intake

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/falcosecurity/client-go/pkg/api/outputs"
)

// response is an alert as Falco's http_output writes it.
type response struct {
	Time     string             `json:"time,omitempty"`
	Rule     string             `json:"rule"`
	Priority string             `json:"priority"`
	Source   string             `json:"source,omitempty"`
	Hostname string             `json:"hostname,omitempty"`
	Output   string             `json:"output,omitempty"`
	Tags     []string           `json:"tags,omitempty"`
	Fields   map[string]*string `json:"output_fields"`
}

// alertOf writes an alert of the gRPC output as the HTTP output does, but for the types of output fields: all are texts, of which "null" is how
// Falco writes that there is no value.
func alertOf(r *outputs.Response) ([]byte, error) {
	a := response{
		Rule: r.GetRule(), Priority: r.GetPriority().String(), Source: r.GetSource(), Hostname: r.GetHostname(), Output: r.GetOutput(), Tags: r.GetTags(),
		Fields: make(map[string]*string, len(r.GetOutputFields())),
	}
	if t := r.GetTime(); t != nil {
		a.Time = t.AsTime().Format(time.RFC3339Nano)
	}
	if a.Source == "" { // a Falco before 0.31, with names of its own in capitals
		a.Source = strings.ToLower(r.GetSourceDeprecated().String()) //nolint:staticcheck // it is for such a Falco
	}
	for key, value := range r.GetOutputFields() {
		if value == "null" {
			a.Fields[key] = nil
		} else {
			a.Fields[key] = &value
		}
	}
	return json.Marshal(a)
}
