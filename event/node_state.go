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
