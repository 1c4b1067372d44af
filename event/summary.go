package event

import (
	"fmt"
	"strings"
)

// maxSummaryPart bounds one text in a summary, in bytes.
const maxSummaryPart = 120

// Summary is a short title for an event that no rule gave one, safe to show: "mount /dev/sda1 on /mnt in payments/api-7c9 container api".
func Summary(d *Details) string {
	var s summary
	switch {
	case d.Kernel != nil:
		s.kernel(d)
	case d.Falco != nil:
		s.falco(d)
	default:
		s.request(d)
	}
	return s.String()
}

// summary puts a title together. What it is given may hold anything, except in words.
type summary struct{ strings.Builder }

// word adds a text of our own; part adds one of the event.
func (s *summary) word(text string) {
	if s.Len() > 0 {
		s.WriteByte(' ')
	}
	s.WriteString(text)
}

func (s *summary) part(before, text string) {
	if text == "" {
		return
	}
	if before != "" {
		s.word(before)
	}
	s.word(ClipEscaped(Escape(Clip(text, maxSummaryPart)), 2*maxSummaryPart))
}

func (s *summary) request(d *Details) {
	s.part("", d.Action)
	s.part("", d.Resource)
	s.part("", joinPath(d.Namespace, d.Name))
	s.part("by", d.User)
}

func (s *summary) falco(d *Details) {
	s.part("", d.Falco.Priority)
	s.part("", d.Falco.Rule)
	s.where(d, &d.Falco.Seen)
}

func (s *summary) kernel(d *Details) {
	k := d.Kernel
	if k.Drop.Reason != "" {
		s.word(fmt.Sprintf("%d records lost:", k.Drop.Count))
		s.part("", k.Drop.Reason)
		s.part("on", k.Node)
		return
	}
	s.part("", d.Action)
	s.what(d)
	if d.Outcome == "failure" {
		s.part("failed with", k.Result)
	}
	s.where(d, k)
}

// what is what the event is about.
func (s *summary) what(d *Details) {
	k := d.Kernel
	switch {
	case k.Mount.Called:
		s.part("", k.Mount.Source)
		s.part("on", k.Mount.Target)
		s.part("type", k.Mount.FSType)
		s.part("by", k.Process.Name)
	case k.After.EUID != "" && d.Action != "exec":
		s.part("by", k.Process.Name)
		s.part("to", k.After.EUID+":"+k.After.EGID)
		s.word("(" + k.Direction + ")")
	case k.Ptrace.Request != "":
		s.part("of", k.Ptrace.Name)
		s.part("by", k.Process.Name)
	case len(k.NSFlags) > 0 || k.NSTarget != "":
		s.part("", strings.Join(k.NSFlags, ","))
		s.part("of", k.NSTarget)
		s.part("by", k.Process.Name)
	case d.Action == "exec" && d.Outcome == "failure":
		s.part("", k.Exe.Requested)
	case d.Action == "exec":
		s.part("", strings.Join(d.Command, " "))
	default:
		s.part("of", k.Process.Name)
	}
}

// where is the pod, container or node of the event.
func (s *summary) where(d *Details, k *Kernel) {
	switch {
	case d.Name != "":
		s.part("in", joinPath(d.Namespace, d.Name))
		s.part("container", d.Container)
	case d.Container != "":
		s.part("in container", d.Container)
	case k.ContainerID != "":
		s.part("in container", k.ContainerID[:min(len(k.ContainerID), 12)])
	default:
		s.part("on", k.Node)
	}
}

// joinPath is namespace/name, or the name of what has no namespace.
func joinPath(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}
