package event

// Falco is the part of Details that only events of SourceFalco have: an alert of a Falco that runs beside us. All of it is what that
// Falco says, and what its sender made of it: it is shown and judged, and nothing else is concluded from it. What looks like a
// credential is masked.
type Falco struct {
	Sender   string // who sent it, as authenticated
	Rule     string
	Priority string // Emergency to Debug, in Falco's spelling
	Source   string // Falco's own source: syscall, k8s_audit, or that of a plugin
	Hostname string // of the machine that it runs on, as it calls it
	Output   string // its sentence, without time and priority in front
	Tags     []string
	UUID     string   // that falcosidekick gave
	Fields   []string // output_fields, as "key=value", sorted
	SaidNs   int64    // the time that Falco says, where TimeNs is another since that one cannot be; else 0
	Sequence uint64   // evt.num: number of the event in that Falco's run; 0: not known
	FilePath string   // of the file or directory that the event is about

	// Seen is what the alert tells of process, container and node. It is never what a sensor of ours saw: Details.Kernel is nil.
	Seen Kernel
}
