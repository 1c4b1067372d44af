package pipeline

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// fixedBytes is what a match takes besides its texts: the structs, the headers of its lists, and room that is not used.
const fixedBytes = 2048

// sizeOf estimates the memory that a match keeps. What several matches share counts for each.
func sizeOf(m *event.Match) int {
	n := fixedBytes + len(m.Output) + len(m.Message)
	eachText(m.Details, func(s *string) { n += len(*s) })
	eachList(m.Details, func(list *[]string) {
		n += 16 * len(*list)
		for _, s := range *list {
			n += len(s)
		}
	})
	return n
}

// tidy blanks out what looks like a credential in the texts that the rule made of fields (Details come without), and bounds
// what the match keeps, so that the texts of few requests cannot fill the memory in which matches wait.
func tidy(m *event.Match) {
	m.Output, m.Message = ruleText(m.Output), ruleText(m.Message)
	eachText(m.Details, func(s *string) { *s = event.Clip(*s, event.MaxTextBytes) })
	eachList(m.Details, func(list *[]string) { *list = event.ClipList(*list) })
}

func ruleText(s string) string { return scrub.Text(event.ClipEscaped(s, event.MaxTextBytes)) }

// eachText calls f for each text of d that the event chooses.
func eachText(d *event.Details, f func(*string)) {
	for _, s := range [...]*string{
		&d.Action, &d.User, &d.UserUID, &d.Impersonated, &d.Principal, &d.SourceIP, &d.UserAgent, &d.Cluster, &d.Namespace,
		&d.Resource, &d.Subres, &d.APIGroup, &d.Name, &d.ObjectUID, &d.PodUID, &d.Container, &d.Image,
	} {
		f(s)
	}
	if a := d.Audit; a != nil {
		for _, s := range [...]*string{
			&a.AuditID, &a.Level, &a.Stage, &a.Verb, &a.RequestURI, &a.Reason, &a.Decision, &a.DecisionReason, &a.APIVersion,
		} {
			f(s)
		}
	}
}

// eachList calls f for each list of d that the event chooses.
func eachList(d *event.Details, f func(*[]string)) {
	for _, list := range [...]*[]string{&d.Categories, &d.Groups, &d.ImpGroups, &d.Command, &d.Blind} {
		f(list)
	}
	if d.Audit != nil {
		f(&d.Audit.SourceIPs)
	}
}
