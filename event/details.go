package event

// Details is what an alert tells of the event behind it. It owns its memory. A field that is empty is left out of documents.
// Names follow ECS where it has one; the encoder's table says which is written where.
type Details struct {
	Source     Source
	TimeNs     int64  // event time, wall clock UTC
	ReceivedNs int64  // audit: requestReceivedTimestamp; 0 elsewhere
	EventID    string // CONTRACTS "identity": content id of this event, 26 characters of lower-case base32
	RequestID  string // audit: content id of the request that the event is a stage of
	Action     string // event.action: semantic verb (audit), exec or the system call's name (kernel)
	Outcome    string // success, failure, unknown
	Change     string // event.type of ECS: creation, change, deletion, access, admin, start, end, info
	Categories []string

	User         string // who authenticated
	UserUID      string
	Groups       []string
	Impersonated string   // effective user where impersonated
	ImpGroups    []string // groups impersonated
	Principal    string   // the person behind a shared user
	ActorClass   string
	SourceIP     string
	UserAgent    string

	Cluster   string
	Namespace string
	Resource  string // plural, as in the API: pods
	Subres    string
	APIGroup  string
	Name      string // of the object
	ObjectUID string
	PodUID    string // where the object is a pod

	Container string // the container that matched, or that exec names
	Image     string
	Command   []string // decoded exec command, already scrubbed of what looks like credentials
	TTY       string   // "true", "false" or empty

	Partial bool     // judged on a fragment of the object (patch bodies)
	Blind   []string // what could not be seen of this event

	Audit  *Audit  // of audit events
	Kernel *Kernel // of kernel events
	Falco  *Falco  // of Falco's alerts
}

// Audit is the part of Details that only audit events have; it is written under kubernetes.audit.
type Audit struct {
	AuditID, Level, Stage, Verb, RequestURI string
	Code                                    int // responseStatus.code; 0 where there is none
	Reason                                  string
	Decision, DecisionReason                string
	SourceIPs                               []string
	APIVersion                              string // of the object: v1
}

// Match is one rule holding for one event.
type Match struct {
	Rule     *Rule  // shared; nil for what no rule asked for: the event itself is to be given out
	Output   string // the rule's formatted output
	Message  string // the rule's formatted short title
	Severity int    // ECS event.severity: 21, 47, 73, 99
	Details  *Details
}
