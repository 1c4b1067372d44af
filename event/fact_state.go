package event

// NodeState is what the fact of a node says, as JSON. The agent counts what its sensor saw, from the sensor's start; the hub adds what
// it makes of the node's batches.
type NodeState struct {
	Records uint64            `json:"records"`        // of the kernel
	Events  uint64            `json:"events"`         // that were judged
	Lost    map[string]uint64 `json:"lost,omitempty"` // by reason: what the node did not see, or could not send

	BootID     string `json:"boot_id,omitempty"`
	Epoch      uint64 `json:"epoch,omitempty,string"`
	Batch      uint64 `json:"batch,omitempty,string"` // the last one of the epoch that was taken
	ReceivedNs int64  `json:"received_ns,omitempty"`  // when that was stored, by the stream's clock
	Repeated   uint64 `json:"repeated,omitempty"`     // batches that came again, and changed nothing
	Missing    uint64 `json:"missing,omitempty"`      // batches that never came
}

// MaxLostReasons bounds how many reasons of losses a node may tell, and MaxReasonBytes the text of each.
const (
	MaxLostReasons = 64
	MaxReasonBytes = 64
)

// ContainerState is what the fact of a container says, as JSON. Names and image are empty where the runtime's files tell none.
type ContainerState struct {
	ID        string `json:"id"`
	Runtime   string `json:"runtime,omitempty"`
	Name      string `json:"name,omitempty"`
	Image     string `json:"image,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Pod       string `json:"pod,omitempty"`
	PodUID    string `json:"pod_uid,omitempty"`
	Sandbox   bool   `json:"sandbox,omitempty"` // it holds a pod's namespaces and runs nothing else
}

// SessionState is what the fact of a session says, as JSON. Times are wall clock UTC.
type SessionState struct {
	ContainerID string   `json:"container_id,omitempty"`
	Entry       string   `json:"entry"` // exec, nsenter
	EntryBy     string   `json:"entry_by,omitempty"`
	PID         int      `json:"pid"`
	Name        string   `json:"name,omitempty"`
	Executable  string   `json:"executable,omitempty"`
	Args        []string `json:"args,omitempty"` // scrubbed of what looks like credentials, and cut
	TTY         bool     `json:"tty,omitempty"`
	StartNs     int64    `json:"start_ns"`
	EndNs       int64    `json:"end_ns,omitempty"` // 0: it goes on
	ExitCode    int      `json:"exit_code,omitempty"`
}
