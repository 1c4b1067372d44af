package event

import "fmt"

// Source is a kind of stream that rules can be written for.
type Source uint8

// The sources. Their names are those of Falco's rule files, but for the last.
const (
	SourceAudit  Source = iota // the API server's audit events, "k8s_audit"
	SourceKernel               // system calls and their kin in containers, "syscall"
	SourceFalco                // alerts of a Falco that runs beside, "falco"
	NumSources   = iota
)

// String returns the name by which rule files know the source.
func (s Source) String() string {
	switch s {
	case SourceAudit:
		return "k8s_audit"
	case SourceKernel:
		return "syscall"
	case SourceFalco:
		return "falco"
	}
	return fmt.Sprintf("source(%d)", s)
}

// ParseSource finds a source by the name that rule files use, or by the short one of our command line (audit, kernel).
func ParseSource(name string) (Source, bool) {
	switch name {
	case "k8s_audit", "audit":
		return SourceAudit, true
	case "syscall", "kernel":
		return SourceKernel, true
	case "falco":
		return SourceFalco, true
	}
	return 0, false
}

// Scope names a kind of part that an event may have several of. A rule that names a field of a scope is judged once
// for each such part, so that what excuses one container never excuses another.
type Scope uint8

// The scopes.
const (
	ScopeEvent     Scope = iota // the event as a whole; exactly one element
	ScopeContainer              // a container, init container or ephemeral container of a pod spec
	ScopeRule                   // one rule of a Role or ClusterRole
	ScopeSubject                // one subject of a RoleBinding or ClusterRoleBinding
	NumScopes      = iota
)

// String returns the scope's name as documentation prints it.
func (s Scope) String() string {
	return [...]string{"event", "container", "rule", "subject"}[s]
}

// Event is one thing that happened, ready to be judged. Its values are reached through Fields and stay valid until
// the decoder that produced it reads the next one; Details returns a copy that owns its memory.
// An Event is used by one goroutine at a time.
type Event interface {
	// Source is the stream that the event belongs to.
	Source() Source
	// TimeNs is the event time in nanoseconds since 1970 UTC: stageTimestamp of an audit event.
	TimeNs() int64
	// BodyFault tells what is wrong with the event where it turned out to be none while it was judged, since not all of it is
	// read before it is asked for: then what the rules made of it is to be dropped, and its decoder reports the fault. nil
	// where nothing is wrong as far as it was looked at.
	BodyFault() error
	// Elements says how many parts of a scope there are: 1 for ScopeEvent, 0 where the event has none.
	Elements(Scope) int
	// Details copies what an alert about this event tells. elem is the element of scope that matched.
	Details(scope Scope, elem int) *Details
}

// BatchKind says what a Batch holds, and so which decoder reads it.
type BatchKind uint8

// The kinds of batches.
const (
	BatchAudit   BatchKind = iota // audit events as JSON
	BatchKernel                   // frames of a kernel stream
	BatchMatches                  // what an agent found: AppendMatches
	BatchFalco                    // alerts of Falco as JSON
	BatchControl                  // what the detector is told beside events: that the rules changed
)

// Batch is a run of bytes of one origin, cut where no value is split, on its way to a decoder. Whoever is handed a Batch
// owns it until Release.
type Batch struct {
	Kind   BatchKind
	Origin string // file name, or "-" for standard input; from the bus, the sender as it was authenticated: "audit/CLUSTER/SOURCE"
	Line   int64  // number of the line in the origin that Data begins in, from 1
	Data   []byte // complete lines; or, where Whole, exactly one JSON value that may span lines; empty where there are only Faults
	Whole  bool
	// NewestNs is a hint of how far event time has come in this origin, from the last time stamp in Data; 0 where there is none.
	NewestNs int64
	// LowNs is a hint of the oldest event time that batches after this one may still bring: the smallest progress of all
	// origins that are not at their end. 0 where it is not known.
	LowNs int64
	// Seq is the batch's place in the stream that it was read from, counted from 1; 0 where it comes from no stream.
	Seq uint64
	// ReceivedNs is when the stream took the batch in, UTC; 0 where it comes from no stream.
	ReceivedNs int64
	// Rules is the hash of the rule set that holds at this place of the stream; empty where one holds everywhere.
	Rules string
	// Faults are what the reader itself had to leave out before Data (a line too long, say).
	Faults []Fault
	// Last says that nothing more comes of this origin. Only what is read by a decoder with a state of its own for each origin sets it.
	Last bool
	// Free gives the memory of Data back to the reader; nil where there is nothing to give back. It is called by Release.
	Free func()
}

// Release says that nothing uses Data any more. It may be called from any goroutine; the second call does nothing.
func (b *Batch) Release() {
	if b.Free != nil {
		b.Free()
	}
	b.Data, b.Free = nil, nil
}

// Fault is a piece of input that could not be read. It is reported, counted and left out; the rest goes on.
type Fault struct {
	Origin string
	Line   int64 // from 1; 0 where no line can be named
	Reason string
	// Data is the piece itself, of which long ones are cut; the fault owns it. nil where it is not kept.
	Data []byte
}

// Error returns place and reason: "attacks.log:17: unexpected end of JSON".
func (f Fault) Error() string {
	if f.Line == 0 {
		return f.Origin + ": " + f.Reason
	}
	return fmt.Sprintf("%s:%d: %s", f.Origin, f.Line, f.Reason)
}
