package pipeline

import (
	"unsafe"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// fixedBytes is what a match takes besides its texts: the structs, the headers of its lists, and room that is not used.
const fixedBytes = 2048

// sizeOf estimates the memory that a match keeps. What several matches share counts for each.
func sizeOf(m *event.Match) int { return len(m.Output) + len(m.Message) + sizeOfDetails(m.Details) }

// sizeOfAlert estimates the memory that an alert keeps.
func sizeOfAlert(a *event.Alert) int {
	return len(a.Reason) + len(a.Message) + sizeOfDetails(a.Details)
}

func sizeOfDetails(d *event.Details) int {
	n := fixedBytes
	if d.Kernel != nil {
		n += int(unsafe.Sizeof(*d.Kernel))
	}
	if d.Falco != nil {
		n += int(unsafe.Sizeof(*d.Falco))
	}
	eachText(d, func(s *string) { n += len(*s) })
	eachList(d, func(list *[]string) {
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
	if d.Kernel != nil {
		eachKernelText(d.Kernel, f)
	}
	if d.Falco != nil {
		eachFalcoText(d.Falco, f)
	}
}

func eachFalcoText(a *event.Falco, f func(*string)) {
	for _, s := range [...]*string{&a.Sender, &a.Rule, &a.Priority, &a.Source, &a.Hostname, &a.Output, &a.UUID, &a.FilePath, &a.Seen.Result, &a.Seen.Runtime} {
		f(s)
	}
	for _, s := range [...]*string{&a.Seen.Process.User.ID, &a.Seen.Process.User.Name} {
		f(s)
	}
	eachKernelText(&a.Seen, f)
}

func eachKernelText(k *event.Kernel, f func(*string)) {
	for _, s := range [...]*string{
		&k.Node, &k.BootID, &k.KernelRelease, &k.ContainerID, &k.Exe.Requested,
		&k.Mount.Source, &k.Mount.Target, &k.Mount.FSType, &k.Mount.Key, &k.Mount.Data,
	} {
		f(s)
	}
	for _, p := range processes(k) {
		for _, s := range [...]*string{&p.Name, &p.Executable, &p.WorkingDirectory} {
			f(s)
		}
	}
}

func processes(k *event.Kernel) [5]*event.Process {
	return [...]*event.Process{&k.Process, &k.Parent, &k.EntryLeader, &k.SessionLeader, &k.GroupLeader}
}

// eachList calls f for each list of d that the event chooses.
func eachList(d *event.Details, f func(*[]string)) {
	for _, list := range [...]*[]string{&d.Categories, &d.Groups, &d.ImpGroups, &d.Command, &d.Blind} {
		f(list)
	}
	if d.Audit != nil {
		f(&d.Audit.SourceIPs)
	}
	if d.Kernel != nil {
		eachKernelList(d.Kernel, f)
	}
	if d.Falco != nil {
		f(&d.Falco.Tags)
		f(&d.Falco.Fields)
		eachKernelList(&d.Falco.Seen, f)
	}
}

func eachKernelList(k *event.Kernel, f func(*[]string)) {
	for _, p := range processes(k) {
		f(&p.Args)
	}
}
