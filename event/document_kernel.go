package event

import "strings"

// What stands in the place of the part of Details that an event has not.
var (
	noAudit Audit
	noFalco Falco
)

// auditPrefix begins the fields that only audit events have.
const auditPrefix = "kubernetes.audit."

// applies says whether a document of the event may have a field.
func (f *DocField) applies(d *Details) bool {
	return d.Audit != nil || !strings.HasPrefix(f.Name, auditPrefix)
}

func (w *docWriter) dataset() {
	if w.a.Plain {
		w.text("parallax.event")
	} else {
		w.text("parallax.alert")
	}
}

// flag writes "true" or "false" as a boolean, and nothing where it is empty.
func (w *docWriter) flag(s string) {
	if s != "" {
		w.bool(s == "true")
	}
}

func (w *docWriter) whenTrue(b bool) {
	if b {
		w.bool(true)
	}
}

func (w *docWriter) linux() {
	if w.d.Kernel != nil || w.falco.Source == "syscall" {
		w.text("linux")
	}
}

// orchestrator is kubernetes where the event is of its API, or of a pod.
func (w *docWriter) orchestrator() {
	ofNode, ofFalco := w.d.Kernel != nil, w.d.Falco != nil
	if w.d.PodUID != "" || ofFalco && w.d.Resource != "" || !ofNode && !ofFalco {
		w.text("kubernetes")
	}
}

// node is the node that the event is of, or about.
func (w *docWriter) node() {
	if w.kernel.Node != "" {
		w.text(w.kernel.Node)
		return
	}
	w.text(only(w.d, "nodes", w.d.Name))
}

// argsCount is how many arguments there were in truth.
func (w *docWriter) argsCount() {
	w.code(max(len(w.d.Command), w.kernel.Process.ArgsCount))
}

func (w *docWriter) exitCode() {
	if p := &w.kernel.Process; p.Exited {
		w.number(p.ExitCode)
	}
}

func (w *docWriter) terminal(p *Process) {
	if p.TTYMajor != 0 {
		w.number(p.TTYMinor)
	}
}

func (w *docWriter) same(p *Process) {
	if p.EntityID != "" {
		w.bool(p.EntityID == w.kernel.Process.EntityID)
	}
}

func (w *docWriter) entryMeta() {
	if w.kernel.Entry != "" {
		w.text("container")
	}
}

// mountResult is the result of a call of the mount family.
func (w *docWriter) mountResult() {
	if w.kernel.Mount.Called {
		w.text(w.kernel.Result)
	}
}

func (w *docWriter) drop() {
	if d := w.kernel.Drop; d.Reason != "" {
		w.number(int(d.Count))
	}
}

func (w *docWriter) dropCPU() {
	if d := w.kernel.Drop; d.Reason != "" {
		w.number(d.CPU)
	}
}
