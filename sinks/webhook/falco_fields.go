package webhook

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// falcoFields are the output_fields: those that Falco's stock rules print, as far as the alert tells them, and what names the alert.
// Texts are escaped; what Falco has as a number is one.
func falcoFields(a *event.Alert) map[string]any {
	f := fields{}
	d := a.Details
	f.number("evt.time", a.TimeNs)
	switch {
	case d.Falco != nil:
		f.said(d.Falco.Fields)
	case d.Kernel != nil:
		f.kernel(d, d.Kernel)
	case d.Audit != nil:
		f.audit(d, d.Audit)
	}
	f.text("parallax.id", a.ID)
	f.text("parallax.rule_id", a.Rule.Key())
	f.text("parallax.status", string(a.Status))
	f.text("parallax.confidence", string(a.Confidence))
	return f
}

// fields are output_fields in the making.
type fields map[string]any

func (f fields) text(name, value string) {
	if value != "" {
		f[name] = event.Escape(event.Clip(value, event.MaxTextBytes))
	}
}

func (f fields) number(name string, value int64) {
	if value != 0 {
		f[name] = value
	}
}

// id is a number that is a text in alerts, since it may not be known.
func (f fields) id(name, value string) {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		f[name] = n
	}
}

func (f fields) kernel(d *event.Details, k *event.Kernel) {
	f.text("evt.type", d.Action)
	f.text("evt.res", k.Result)
	f.text("evt.hostname", k.Node)
	f.process(d, k)
	f.container(d, k)
	if k.Mount.Called {
		f.text("evt.arg.dev", k.Mount.Source)
		f.text("evt.arg.dir", k.Mount.Target)
		f.text("evt.arg.type", k.Mount.FSType)
	}
	if d.PodUID != "" {
		f.text("k8s.ns.name", d.Namespace)
		f.text("k8s.pod.name", d.Name)
		f.text("k8s.pod.uid", d.PodUID)
	}
}

func (f fields) process(d *event.Details, k *event.Kernel) {
	p := &k.Process
	f.number("proc.pid", int64(p.PID))
	f.number("proc.vpid", int64(p.VPID))
	f.text("proc.name", p.Name)
	f.text("proc.exepath", p.Executable)
	f.text("proc.cmdline", commandLine(p.Name, d.Command))
	f.text("proc.cwd", p.WorkingDirectory)
	f.number("proc.tty", int64(p.TTYMajor)<<8|int64(p.TTYMinor))
	f.number("proc.ppid", int64(k.Parent.PID))
	f.text("proc.pname", k.Parent.Name)
	f.text("proc.pexepath", k.Parent.Executable)
	f.text("proc.pcmdline", commandLine(k.Parent.Name, k.Parent.Args))
	f.id("user.uid", p.User.ID)
	f.text("user.name", p.User.Name)
	f.id("group.gid", p.Group.ID)
	f.text("group.name", p.Group.Name)
}

// commandLine is that of Falco: the process' name and its arguments without the first.
func commandLine(name string, args []string) string {
	if len(args) < 2 {
		return name
	}
	return strings.Join(append([]string{name}, event.ClipList(args[1:])...), " ")
}

func (f fields) container(d *event.Details, k *event.Kernel) {
	f.text("container.id", k.ContainerID[:min(len(k.ContainerID), 12)])
	if k.ContainerID == "" {
		f.text("container.id", "host")
	}
	f.text("container.full_id", k.ContainerID)
	f.text("container.name", d.Container)
	f.text("container.type", k.Runtime)
	f.text("container.image", d.Image)
	image := event.ParseImage(d.Image)
	f.text("container.image.repository", image.Repository)
	f.text("container.image.tag", image.Tag)
}

func (f fields) audit(d *event.Details, a *event.Audit) {
	f.text("evt.time.iso8601", time.Unix(0, d.TimeNs).UTC().Format(falcoTime))
	f.text("ka.auditid", a.AuditID)
	f.text("ka.stage", a.Stage)
	f.text("ka.verb", a.Verb)
	f.text("ka.uri", a.RequestURI)
	f.text("ka.user.name", d.User)
	f.text("ka.impuser.name", d.Impersonated)
	f.text("ka.useragent", d.UserAgent)
	f.text("ka.target.name", d.Name)
	f.text("ka.target.namespace", d.Namespace)
	f.text("ka.target.resource", d.Resource)
	f.text("ka.target.subresource", d.Subres)
	f.text("ka.response.reason", a.Reason)
	f.text("ka.auth.decision", a.Decision)
	f.text("ka.auth.reason", a.DecisionReason)
	if a.Code != 0 {
		f.text("ka.response.code", strconv.Itoa(a.Code)) // a text in Falco too
	}
	f.list("ka.user.groups", d.Groups)
	f.list("ka.sourceips", a.SourceIPs)
}

func (f fields) list(name string, values []string) {
	var out []string
	for _, v := range event.ClipList(values) {
		out = append(out, event.Escape(v))
	}
	if out != nil {
		f[name] = out
	}
}

// said takes over what a Falco said, as key=value. The alert has them as texts; those that are numbers in Falco become numbers again.
func (f fields) said(pairs []string) {
	for _, pair := range event.ClipList(pairs) {
		name, value, _ := strings.Cut(pair, "=")
		name = event.Escape(name)
		if numeric(name) {
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				f[name] = n
				continue
			}
		}
		f.text(name, value)
	}
}

// numeric says whether a field is a number in Falco's JSON.
func numeric(name string) bool {
	return strings.HasPrefix(name, "evt.time") || slices.Contains(falcoNumbers, name)
}

var falcoNumbers = []string{
	"evt.num", "evt.rawtime", "evt.cpu", "proc.pid", "proc.vpid", "proc.ppid", "proc.pvpid", "proc.sid", "proc.vpgid", "proc.tty",
	"thread.tid", "thread.vtid", "user.uid", "user.loginuid", "group.gid", "fd.num", "fd.sport", "fd.cport", "fd.lport", "fd.rport",
}
