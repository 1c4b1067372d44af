package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// WriteText writes the report for people.
func (r Report) WriteText(w io.Writer) error {
	t := &textWriter{}
	t.line("%s", r.verdict())
	t.kernel(r.Kernel)
	if r.Ready {
		t.hooks(r.Hooks)
	}
	t.runtimes(r.Runtimes)
	t.rules(r)
	_, err := io.WriteString(w, t.b.String())
	return err
}

// verdict is the report in one sentence.
func (r Report) verdict() string {
	if !r.Ready {
		return "The sensor cannot run here: " + r.Reason + "."
	}
	active := 0
	for _, h := range r.Hooks {
		if h.Mechanism != "" {
			active++
		}
	}
	if active == len(r.Hooks) {
		return fmt.Sprintf("The sensor can run here, with all %d hooks.", active)
	}
	return fmt.Sprintf("The sensor can run here, with %d of %d hooks.", active, len(r.Hooks))
}

type textWriter struct{ b strings.Builder }

// line writes one line. What the kernel or a file said is escaped.
func (t *textWriter) line(format string, args ...any) {
	fmt.Fprintln(&t.b, event.Escape(fmt.Sprintf(format, args...)))
}

func (t *textWriter) head(title string) { t.b.WriteString("\n" + title + "\n") }

func (t *textWriter) item(name, text string) { t.line("  %-18s %s", name, text) }

func (t *textWriter) kernel(k Kernel) {
	t.head("Kernel")
	t.item("release", k.Release+" "+k.Machine)
	t.item("BTF", btf(k.BTF))
	t.item("privileges", k.Privileges)
	t.item("lockdown", k.Lockdown)
	t.item("security modules", k.LSM)
	t.item("cgroups", k.Cgroups)
	t.item("tracefs", k.TraceFS)
	t.item("32-bit calls", k.Compat)
}

func btf(there bool) string {
	if there {
		return "/sys/kernel/btf/vmlinux"
	}
	return "missing: the kernel must be built with CONFIG_DEBUG_INFO_BTF=y"
}

// hooks writes a line for each, and below them, once each, why they are not attached in the best way.
func (t *textWriter) hooks(hooks []Hook) {
	t.head("Hooks")
	var reasons []string
	number := map[string]int{}
	for _, h := range hooks {
		note := ""
		if h.Reason != "" {
			if number[h.Reason] == 0 {
				reasons = append(reasons, h.Reason)
				number[h.Reason] = len(reasons)
			}
			note = fmt.Sprintf(" [%d]", number[h.Reason])
		}
		if h.Mechanism == "" {
			t.item(h.Name, "missing"+note+"; not seen: "+h.Lost)
		} else {
			t.item(h.Name, h.Mechanism+note)
		}
	}
	for i, r := range reasons {
		t.line("  [%d] %s", i+1, r)
	}
	if anyBy(hooks, bpf.MechanismTracepoint) {
		t.line("  As long as a tracepoint of a system call is in use, every system call of the machine takes a little longer.")
	}
}

func anyBy(hooks []Hook, mechanism string) bool {
	for _, h := range hooks {
		if h.Mechanism == mechanism {
			return true
		}
	}
	return false
}

func (t *textWriter) runtimes(rs []Runtime) {
	t.head("Container runtimes")
	for _, r := range rs {
		if r.Reason != "" {
			t.item(r.Name, r.Path+" cannot be read: "+r.Reason)
		} else {
			t.item(r.Name, r.Path)
		}
	}
	if len(rs) == 0 {
		t.line("  no runtime's files: container ids and pod uids are known, images and names are not")
	}
}

func (t *textWriter) rules(r Report) {
	t.head("Rules on system calls that are blind here")
	switch {
	case !r.Ready:
		t.line("  all: the sensor cannot run")
	case len(r.Rules) == 0:
		t.line("  none")
	default:
		for _, rule := range r.Rules {
			t.rule(rule)
		}
	}
}

func (t *textWriter) rule(r BlindRule) {
	how := "blind"
	if r.Partly {
		how = "in part"
	}
	t.line("  %-4s %-7s %s: needs %s", r.ID, how, r.Name, strings.Join(r.Missing, ", "))
}
