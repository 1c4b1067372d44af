package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// diffExpected tells what came instead of what s wants, and why; nothing where all is as wanted.
func diffExpected(s *Scenario, w *why, got []*event.Alert) string {
	missing, extra := match(s.Want, got)
	var b strings.Builder
	for _, x := range missing {
		fmt.Fprintf(&b, "- %s   (line %d: wanted, did not come)\n", x, x.Line)
	}
	for _, a := range extra {
		fmt.Fprintf(&b, "+ %s   (came, not wanted)\n    %s\n", s.line(a), a.Reason)
	}
	for _, x := range missing {
		b.WriteString(w.silent(x.Rule))
	}
	for _, a := range extra {
		b.WriteString(w.raised(a))
	}
	return b.String()
}

// match pairs expected alerts with those that came, the most exacting first, and returns what is left of both.
func match(want []Expected, got []*event.Alert) (missing []Expected, extra []*event.Alert) {
	extra = slices.Clone(got)
	order := slices.Clone(want)
	slices.SortStableFunc(order, func(a, b Expected) int { return len(b.Fields) - len(a.Fields) })
	for _, x := range order {
		i := slices.IndexFunc(extra, x.matches)
		if i < 0 {
			missing = append(missing, x)
			continue
		}
		extra = slices.Delete(extra, i, i+1)
	}
	slices.SortStableFunc(missing, func(a, b Expected) int { return a.Line - b.Line })
	return missing, extra
}

func (x Expected) matches(a *event.Alert) bool {
	if !isRule(a, x.Rule) || userOf(a) != x.User || a.Severity != x.Severity {
		return false
	}
	if len(x.Fields) == 0 {
		return true
	}
	doc := document(a)
	for _, f := range x.Fields {
		if !slices.Contains(doc.field(f.Name), f.Value) {
			return false
		}
	}
	return true
}

func userOf(a *event.Alert) string {
	if a.Details.User == "" {
		return "-"
	}
	return event.Escape(a.Details.User)
}

// line writes a as the alerts section would hold it, with the fields that s asks about for the same rule.
func (s *Scenario) line(a *event.Alert) Expected {
	x := Expected{Rule: a.Rule.Key(), User: userOf(a), Severity: a.Severity}
	doc := document(a)
	for _, w := range s.Want {
		for _, f := range w.Fields {
			known := slices.ContainsFunc(x.Fields, func(have FieldValue) bool { return have.Name == f.Name })
			if values := doc.field(f.Name); isRule(a, w.Rule) && !known && len(values) > 0 {
				x.Fields = append(x.Fields, FieldValue{f.Name, values[0]})
			}
		}
	}
	return x
}

// diffVariants tells what a variant changed; nothing where the documents are the same.
func diffVariants(written, got []*event.Alert) string {
	var b strings.Builder
	before, after := documents(written), documents(got)
	for _, doc := range before {
		if !slices.Contains(after, doc) {
			fmt.Fprintf(&b, "- %s\n", doc)
		}
	}
	for _, doc := range after {
		if !slices.Contains(before, doc) {
			fmt.Fprintf(&b, "+ %s\n", doc)
		}
	}
	if b.Len() == 0 && len(before) != len(after) {
		fmt.Fprintf(&b, "%d alerts as written, %d now\n", len(before), len(after))
	}
	return b.String()
}

func documents(alerts []*event.Alert) []string {
	var enc event.Encoder
	var out []string
	for _, a := range alerts {
		out = append(out, string(enc.Append(nil, a)))
	}
	return out
}

// doc is an alert's document, decoded.
type doc map[string]any

func document(a *event.Alert) doc {
	var enc event.Encoder
	dec := json.NewDecoder(bytes.NewReader(enc.Append(nil, a)))
	dec.UseNumber()
	var d doc
	if err := dec.Decode(&d); err != nil {
		panic(fmt.Sprintf("scenario: the document of alert %s is not JSON: %v", a.ID, err))
	}
	return d
}

// field returns the values of a field by its dotted name: those of a list, one, or none.
func (d doc) field(name string) []string {
	for at := range len(name) + 1 {
		if at < len(name) && name[at] != '.' {
			continue
		}
		member, ok := d[name[:at]]
		if !ok {
			continue
		}
		if at == len(name) {
			return texts(member)
		}
		if sub, ok := member.(map[string]any); ok {
			if out := doc(sub).field(name[at+1:]); out != nil {
				return out
			}
		}
	}
	return nil
}

func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		return []string{fmt.Sprint(v)}
	}
	var out []string
	for _, item := range list {
		out = append(out, fmt.Sprint(item))
	}
	return out
}
