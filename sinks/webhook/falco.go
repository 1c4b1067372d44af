package webhook

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// falcoTime is how Falco writes the time of an event, always with nine digits, and falcoOutputTime how it does at the beginning of
// an output (Falco 0.44, time_format_iso_8601).
const (
	falcoTime       = "2006-01-02T15:04:05.000000000Z"
	falcoOutputTime = "2006-01-02T15:04:05.000000000-0700"
)

// falco is what Falco's http_output sends with json_output, one alert a request (Falco 0.44, engine/formats.cpp): the same keys in
// the same order, the same words for priorities. Falco has no revisions: only the first of an alert is sent.
type falco struct{ hostname string }

// falcoAlert has the order of Falco's keys.
type falcoAlert struct {
	Hostname string         `json:"hostname"`
	Output   string         `json:"output"`
	Fields   map[string]any `json:"output_fields"`
	Priority string         `json:"priority"`
	Rule     string         `json:"rule"`
	Source   string         `json:"source"`
	Tags     []string       `json:"tags"`
	Time     string         `json:"time"`
}

func (f *falco) together() bool { return false }

func (f *falco) body(dst []byte, alerts []*event.Alert, _ time.Time) []byte {
	a := alerts[0]
	if a.Revision > 0 {
		return dst
	}
	return append(dst, marshalPlain(f.one(a))...)
}

func (f *falco) one(a *event.Alert) falcoAlert {
	d, at := a.Details, time.Unix(0, a.TimeNs).UTC()
	out := falcoAlert{
		Hostname: f.hostname, Priority: falcoPriority(a), Rule: event.Escape(event.Clip(a.Rule.Name, event.MaxTextBytes)),
		Source: d.Source.String(), Tags: tags(a.Rule), Time: at.Format(falcoTime), Fields: falcoFields(a),
	}
	switch {
	case d.Kernel != nil && d.Kernel.Node != "":
		out.Hostname = event.Escape(d.Kernel.Node)
	case d.Falco != nil:
		out.Hostname, out.Source = event.Escape(d.Falco.Hostname), event.Escape(d.Falco.Source)
	}
	if out.Rule == "" {
		out.Rule = "event" // one that is given out as it is; receivers want a name
	}
	text := a.Reason
	if text == "" {
		text = a.Message
	}
	out.Output = at.Format(falcoOutputTime) + ": " + out.Priority + " " + forChat(event.ClipEscaped(visible(text), event.MaxTextBytes))
	return out
}

// falcoPriority is the word of Falco for a severity; where the alert is Falco's own, the one that Falco said.
func falcoPriority(a *event.Alert) string {
	if f := a.Details.Falco; f != nil && f.Rule == a.Rule.Name && slices.Contains(falcoPriorities, f.Priority) {
		return f.Priority
	}
	switch {
	case a.Plain:
		return "Debug"
	case a.Severity >= event.SeverityCritical:
		return "Critical"
	case a.Severity >= event.SeverityHigh:
		return "Error"
	case a.Severity >= event.SeverityMedium:
		return "Warning"
	}
	return "Notice"
}

var falcoPriorities = []string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"}

// tags are sorted and never null, as Falco's are.
func tags(r *event.Rule) []string {
	out := []string{}
	for _, t := range event.ClipList(r.Tags) {
		out = append(out, event.Escape(t))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// marshalPlain is JSON in which < > and & stand as they are, as Falco writes it.
func marshalPlain(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("webhook: " + err.Error())
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'})
}
