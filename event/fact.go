package event

// Fact is something that holds until it is told otherwise: of each kind and key the last one counts.
type Fact struct {
	Kind   string // FactNode, FactContainer, FactSession
	Key    string // what it is about; what a node tells begins with its name
	TimeNs int64  // wall clock UTC, of whoever tells it
	Seq    uint64 // position in the stream of the batch that it came with; 0 until the hub sets it
	Data   []byte // JSON; empty: the fact holds no more
}

// The kinds of facts.
const (
	FactNode      = "node"      // a node's agent, NodeState. The key is the node's name
	FactContainer = "container" // a container that runs, ContainerState. The key is NODE/ID
	FactSession   = "session"   // a session that somebody entered a container with, SessionState. The key is NODE/ID of its leader
)
