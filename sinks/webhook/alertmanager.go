package webhook

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Bounds of one text. Labels are kept by Alertmanager as long as the alert stands.
const (
	maxLabelBytes      = 256
	maxAnnotationBytes = 1024
)

// alertmanager is the body of POST /api/v2/alerts (Alertmanager's OpenAPI description, postableAlerts).
//
// An alert there is what its labels are: event.id is one of them, so that each alert of ours is one of theirs, and none of them
// tells of what a later revision may change, as far as that can be known. It stands for a time from now on (Firing), since it tells
// of something that happened and not of a state that ends; a retracted one is resolved at once.
type alertmanager struct{ firing time.Duration }

// postable is one alert.
type postable struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

func (f *alertmanager) together() bool { return true }

func (f *alertmanager) body(dst []byte, alerts []*event.Alert, now time.Time) []byte {
	list := make([]postable, 0, len(alerts))
	for _, a := range alerts {
		if !a.Plain { // an event that is given out as it is is nothing to be alarmed about
			list = append(list, f.one(a, now))
		}
	}
	if len(list) == 0 {
		return dst
	}
	return appendJSON(dst, list)
}

func (f *alertmanager) one(a *event.Alert, now time.Time) postable {
	starts := time.Unix(0, a.TimeNs).UTC()
	ends := now.Add(f.firing)
	if a.Status == event.StatusRetracted {
		ends = now
	}
	if ends.Before(starts) { // the clock of the source is ahead; an end before the beginning is refused
		ends = starts
	}
	return postable{Labels: labels(a), Annotations: annotations(a), StartsAt: starts, EndsAt: ends.UTC(), GeneratorURL: ruleURL(a.Rule)}
}

// labels are what people route and group by.
func labels(a *event.Alert) map[string]string {
	d := a.Details
	out := map[string]string{}
	set := func(name, value string) {
		if value = event.Escape(event.Clip(value, maxLabelBytes)); value != "" {
			out[name] = value
		}
	}
	set("alertname", a.Rule.Name)
	set("rule_id", a.Rule.Key())
	set("severity", event.SeverityName(a.Severity))
	set("alert_id", a.ID)
	set("source", d.Source.String())
	set("cluster", d.Cluster)
	set("namespace", d.Namespace)
	set("container", d.Container)
	set("node", nodeOf(d))
	if d.Resource == "pods" {
		set("pod", d.Name)
	}
	return out
}

// nodeOf is the node that the event is of.
func nodeOf(d *event.Details) string {
	if d.Kernel != nil {
		return d.Kernel.Node
	}
	return ""
}

// annotations are what people read. They end in chats too.
func annotations(a *event.Alert) map[string]string {
	d := a.Details
	out := map[string]string{}
	put := func(name, escaped string) {
		if escaped != "" {
			out[name] = forChat(event.ClipEscaped(escaped, maxAnnotationBytes))
		}
	}
	put("summary", visible(a.Message))
	put("description", visible(a.Reason))
	put("why", visible(a.Rule.Description))
	put("user", event.Escape(d.User))
	put("effective_user", event.Escape(d.Impersonated))
	put("source_ip", event.Escape(d.SourceIP))
	put("object", event.Escape(object(d)))
	put("command", event.Escape(strings.Join(event.ClipList(d.Command), " ")))
	put("technique", event.Escape(strings.Join(event.ClipList(techniques(a.Rule)), " ")))
	put("revision", strconv.Itoa(a.Revision))
	put("status", event.Escape(string(a.Status)))
	put("confidence", event.Escape(string(a.Confidence)))
	return out
}

// visible is text whose changing parts are escaped already.
func visible(s string) string { return string(event.AppendVisible(nil, s)) }

// object is what the event is about: pods/exec payments/api-7c9.
func object(d *event.Details) string {
	var words []string
	for _, w := range []string{join(d.Resource, d.Subres), join(d.Namespace, d.Name)} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// join is a/b, or what there is of it.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "/" + b
}

// techniques are those of MITRE ATT&CK that the rule names, the most exact ones.
func techniques(r *event.Rule) []string {
	return append(append([]string(nil), r.Threat.SubtechniqueIDs...), r.Threat.TechniqueIDs...)
}

var techniqueID = regexp.MustCompile(`^T(\d{4})(?:\.(\d{3}))?$`)

// ruleURL is a page about what the rule looks for: that of the first technique it names. Nothing else in an alert makes a link.
func ruleURL(r *event.Rule) string {
	for _, id := range techniques(r) {
		if m := techniqueID.FindStringSubmatch(id); m != nil {
			return "https://attack.mitre.org/techniques/T" + strings.TrimSuffix(m[1]+"/"+m[2], "/") + "/"
		}
	}
	return ""
}

// appendJSON appends v. What is marshalled here cannot fail: texts, numbers and times within the years 0 to 9999.
func appendJSON(dst []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("webhook: " + err.Error())
	}
	return append(dst, b...)
}
