// Package scenario runs tests of rules: events and the alerts they must raise, in one text file (txtar).
//
//	What this scenario shows, in a sentence or two.
//	-- events.jsonl --
//	{"kind":"Event", ...}
//	-- alerts --
//	R01 alice high orchestrator.namespace=dev
//
// Sections:
//   - rules.yaml (optional, any number of *.yaml or *.yml): rule files, loaded after the rules that are always there.
//   - kernel*.jsonl: what happened in the kernel of a node, as package kerneltest reads it (docs/KERNEL_EVENTS.md).
//   - falco*.jsonl: alerts of a Falco beside, as its http_output writes them.
//   - any other section but alerts: audit events, each as in an audit log; one JSON value a line, or values that span lines.
//   - alerts: what must come out, one alert a line in any order: the rule's id (or its name), the user who authenticated ("-" for
//     none), the severity (low, medium, high, critical), and any number of field=value that the alert's document must hold. What holds
//     blanks is quoted as in Go. The single word none says that nothing may come out. A line "only: R01 R02" leaves other rules' alerts out
//     of the comparison. Lines beginning with # are comments.
//
// Each scenario is replayed as it is written, with every event twice, with the kernel's in one batch, and with the order of audit events and Falco's alerts
// permuted inside the lateness that the pipeline allows: the alerts may not change. A failure tells which alerts are missing, which are too many, and by what fields of
// which event the rule held or did not.
//
//	txtar -> Parse -> *Scenario -> Run(Load) -> Report
//
// The package does no I/O of its own. It knows the pipeline through the functions of Loaded, which cmd and tests fill in.
package scenario
