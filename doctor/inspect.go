package doctor

import (
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/rules"
)

// Inspect looks at this machine, and at which of the rules are blind on it.
func Inspect(all []rules.Rule) Report { return inspect(files{"/"}, bpf.Probe, all) }

// inspect is Inspect of the machine whose files are below f, and whose hooks probe tries.
func inspect(f files, probe func() ([]bpf.Hook, error), all []rules.Rule) Report {
	hooks, err := probe()
	r := Report{Ready: err == nil, Kernel: inspectKernel(f), Runtimes: runtimes(f), Rules: []BlindRule{}}
	if err != nil {
		r.Reason = err.Error()
	}
	for _, h := range hooks {
		r.Hooks = append(r.Hooks, newHook(h))
	}
	seen, missing := eventTypes(r.Hooks)
	r.Rules = append(r.Rules, blindRules(all, seen, missing)...)
	return r
}

func newHook(h bpf.Hook) Hook {
	out := Hook{Name: h.Name, Mechanism: h.Mechanism}
	if !h.Active() {
		out.Lost = h.Lost
	}
	if h.Err != nil {
		out.Reason = h.Err.Error()
	}
	return out
}
