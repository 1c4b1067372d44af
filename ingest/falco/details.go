package falco

import (
	"math"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// Details returns what an alert of ours tells of the event. All matches of an event share it.
func (e *Event) Details(event.Scope, int) *event.Details {
	if e.details == nil {
		e.details = e.describe()
	}
	return e.details
}

// Falco's sources whose fields documents have places for.
const (
	sourceSyscall = "syscall"
	sourceAudit   = "k8s_audit"
)

func (e *Event) describe() *event.Details {
	d := &event.Details{
		Source: event.SourceFalco, TimeNs: e.timeNs, EventID: e.id,
		Falco: &event.Falco{
			Sender: e.sender, Rule: event.Clip(e.rule, event.MaxTextBytes), Priority: e.priority.String(), Source: e.source, Hostname: e.hostname,
			Output: shown(e.sentence()), Tags: event.ClipList(e.tags), UUID: e.uuid, Fields: e.shownFields(),
			SaidNs: e.saidNs, Sequence: e.number("evt.num", math.MaxInt64),
		},
	}
	if e.remark != "" {
		d.Blind = []string{e.remark}
	}
	e.describePod(d)
	if e.source == sourceAudit {
		e.describeRequest(d)
	} else {
		e.describeCall(d)
	}
	return d
}

// describePod tells the pod and container, as Falco names them.
func (e *Event) describePod(d *event.Details) {
	d.Namespace, d.Name, d.PodUID = e.value("k8s.ns.name"), e.value("k8s.pod.name"), e.value("k8s.pod.uid")
	if d.Name != "" || d.PodUID != "" {
		d.Resource = "pods"
	}
	d.Container, d.Image = e.value("container.name"), e.image()
	seen := &d.Falco.Seen
	seen.Privileged = e.flag("container.privileged")
	if seen.ContainerID = e.value("container.id"); seen.ContainerID == "host" { // Falco's word for none
		seen.ContainerID, d.Container = "", ""
		return
	}
	seen.Runtime = e.value("container.type")
}

// image is the reference of the container's image.
func (e *Event) image() string {
	if image := e.value("container.image"); image != "" {
		return image
	}
	image := e.value("container.image.repository")
	if tag := e.value("container.image.tag"); image != "" && tag != "" {
		image += ":" + tag
	}
	return image
}

// describeCall tells the process and what it did.
func (e *Event) describeCall(d *event.Details) {
	seen := &d.Falco.Seen
	if d.Action = e.value("evt.type"); d.Action == "execve" || d.Action == "execveat" {
		d.Action = "exec"
	}
	if seen.Result = e.value("evt.res"); seen.Result != "" {
		d.Outcome = outcome(seen.Result == "SUCCESS")
	}
	if e.source == sourceSyscall {
		seen.Node, d.Categories = e.hostname, []string{"process"}
	}
	d.Command = cut(shown(e.value("proc.cmdline")))
	if tty, ok := e.lookup("proc.tty"); ok {
		d.TTY = strconv.FormatBool(tty != "0")
	}
	seen.Process = event.Process{
		PID: e.pid("proc.pid"), VPID: e.pid("proc.vpid"), TID: e.pid("thread.tid"), Name: e.value("proc.name"), Executable: e.value("proc.exepath"),
		WorkingDirectory: e.value("proc.cwd"),
		User:             event.Account{ID: e.value("user.uid"), Name: e.value("user.name")},
	}
	seen.Parent = event.Process{PID: e.pid("proc.ppid"), Name: e.value("proc.pname"), Executable: e.value("proc.pexepath"), Args: cut(shown(e.value("proc.pcmdline")))}
	seen.SessionLeader = event.Process{PID: e.pid("proc.sid"), Name: e.value("proc.sname")}
	if kind := e.value("fd.type"); kind == "file" || kind == "directory" {
		d.Falco.FilePath = e.value("fd.name")
	}
}

// describeRequest tells the request of an audit event that a Falco judged.
func (e *Event) describeRequest(d *event.Details) {
	d.Action, d.Categories = e.value("ka.verb"), []string{"api"}
	d.User, d.Impersonated, d.UserAgent = e.value("ka.user.name"), e.value("ka.impuser.name"), shown(e.value("ka.useragent"))
	d.Resource, d.Subres, d.Namespace, d.Name = e.value("ka.target.resource"), e.value("ka.target.subresource"), e.value("ka.target.namespace"), e.value("ka.target.name")
	if d.Name == "" {
		d.Name = e.value("ka.resp.name")
	}
	if code := e.number("ka.response.code", 999); code != 0 {
		d.Outcome = outcome(code < 400)
	}
}

func outcome(ok bool) string {
	if ok {
		return "success"
	}
	return "failure"
}

// cut cuts a command line at its blanks: Falco does not tell where its arguments end. Joined again it is what it was.
func cut(line string) []string {
	if line == "" {
		return nil
	}
	return strings.Split(line, " ")
}

// value is an output field, empty where there is none or Falco says that it has no value.
func (e *Event) value(key string) string {
	s, ok := e.lookup(key)
	if !ok || s == "<NA>" {
		return ""
	}
	return event.Clip(s, event.MaxTextBytes)
}

// number is an output field that is a number from 1 to limit, else 0.
func (e *Event) number(key string, limit uint64) uint64 {
	n, err := strconv.ParseUint(e.value(key), 10, 64)
	if err != nil || n > limit {
		return 0
	}
	return n
}

func (e *Event) pid(key string) int { return int(e.number(key, math.MaxInt32)) }

// flag is an output field that is true or false, else empty.
func (e *Event) flag(key string) string {
	if s := e.value(key); s == "true" || s == "false" {
		return s
	}
	return ""
}
