package text

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// The longest that a name and a sentence are shown, in bytes; the document has more.
const (
	maxName     = 200
	maxSentence = 1000
)

// appendHead appends time, severity, rule and title.
func (s *Sink) appendHead(dst []byte, a *event.Alert) []byte {
	dst = append(event.AppendTime(dst, a.TimeNs), ' ')
	dst = s.appendSeverity(dst, a)
	title := event.ClipEscaped(a.Message, maxName)
	switch {
	case a.Plain:
		dst = append(dst, ' ')
	case a.Rule.ID != "":
		dst = fmt.Appendf(dst, " %-4s ", event.Escape(a.Rule.ID))
	case a.Rule.Name != a.Message:
		dst = append(append(append(dst, ' '), event.Escape(a.Rule.Name)...), ':', ' ')
	default:
		dst = append(dst, ' ')
	}
	dst = event.AppendVisible(dst, title)
	if a.Late {
		dst = append(dst, " [late]"...)
	}
	if a.Confidence == event.ConfidencePartial {
		dst = append(dst, " [judged on a part of the object]"...)
	}
	return append(dst, '\n')
}

// appendSeverity appends the alert's severity, or that it is an event.
func (s *Sink) appendSeverity(dst []byte, a *event.Alert) []byte {
	if a.Plain {
		return fmt.Appendf(dst, "%-8s", "EVENT")
	}
	severity := a.Severity
	word := strings.ToUpper(event.SeverityName(severity))
	if !s.cfg.Colour {
		return fmt.Appendf(dst, "%-8s", word)
	}
	return fmt.Appendf(dst, "\x1b[%sm%-8s\x1b[0m", colour(severity), word)
}

// colour returns the parameters of the escape sequence that sets a severity's colour.
func colour(severity int) string {
	switch event.SeverityName(severity) {
	case "critical":
		return "1;31" // bold red
	case "high":
		return "31"
	case "medium":
		return "33" // yellow
	}
	return "2" // faint
}

// appendBody appends who, from where and what. A sentence of the rule that begins with who and from where says it all.
func appendBody(dst []byte, a *event.Alert) []byte {
	d := a.Details
	dst = append(dst, "    "...)
	switch {
	case d.Kernel != nil:
		return appendKernelBody(dst, a)
	case d.Falco != nil:
		return appendFalcoBody(dst, a)
	}
	reason := event.ClipEscaped(a.Reason, maxSentence)
	if !strings.HasPrefix(reason, string(appendWho(nil, d))+" ") {
		dst = appendSubject(dst, d)
		if reason != "" {
			dst = append(dst, ": "...)
		}
	}
	return append(event.AppendVisible(dst, reason), '\n')
}

func appendSubject(dst []byte, d *event.Details) []byte {
	dst = appendName(append(appendWho(dst, d), ", "...), what(d))
	if d.Audit != nil && d.Audit.Code != 0 {
		dst = strconv.AppendInt(append(dst, ", "...), int64(d.Audit.Code), 10)
	}
	return dst
}

// appendWho appends who and from where: "bob as root from 192.0.2.2".
func appendWho(dst []byte, d *event.Details) []byte {
	dst = appendName(dst, orElse(d.User, "nobody (no user)"))
	if d.Impersonated != "" {
		dst = appendName(append(dst, " as "...), d.Impersonated)
	}
	if d.Principal != "" && d.Principal != d.User {
		dst = append(appendName(append(dst, " ("...), d.Principal), ')')
	}
	return appendName(append(dst, " from "...), orElse(d.SourceIP, "an unknown address"))
}

// what is the act and its object: "create pods dev/web".
func what(d *event.Details) string {
	words := []string{orElse(d.Action, "event")}
	if d.Resource == "" && d.Audit != nil {
		return strings.Join(append(words, d.Audit.RequestURI), " ")
	}
	resource := d.Resource
	if d.Subres != "" {
		resource += "/" + d.Subres
	}
	object := d.Name
	if d.Namespace != "" {
		object = d.Namespace + "/" + d.Name
	}
	words = append(words, resource, object)
	if d.Container != "" {
		words = append(words, "container", d.Container)
	}
	return strings.TrimRight(strings.Join(words, " "), " ")
}

func appendName(dst []byte, s string) []byte {
	return event.AppendEscaped(dst, event.Clip(s, maxName))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
