package detector

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// NodeConfig bounds what is known of nodes.
type NodeConfig struct {
	MaxNodes        int // beyond, the one heard of least recently is forgotten, with its facts
	MaxFactsPerNode int // beyond, the oldest of the node is forgotten
	MaxFacts        int // of all nodes; beyond, the oldest of the node that has most is forgotten
}

// DefaultNodeConfig knows 16,384 nodes and 262,144 facts, 4,096 of one node.
func DefaultNodeConfig() NodeConfig {
	return NodeConfig{MaxNodes: 1 << 14, MaxFactsPerNode: 1 << 12, MaxFacts: 1 << 18}
}

// nodes are what is known of each node: which of its batches were taken, and which facts hold.
type nodes struct {
	cfg    NodeConfig
	byName map[string]*node
	facts  int // of all nodes

	forgottenNodes, forgottenFacts uint64
}

type node struct {
	name    string
	heads   heads
	heardNs int64 // time of receipt of its last batch
	// state is what the node's fact says; at is the position in the stream that it holds at: reading up to there again changes nothing in it.
	state event.NodeState
	at    uint64
	keys  factKeys
}

func newNodes(cfg NodeConfig) nodes { return nodes{cfg: cfg, byName: map[string]*node{}} }

// load takes in a fact that was stored before the detector began. What is too much makes no room for itself.
func (t *nodes) load(f *event.Fact) {
	name, _, _ := strings.Cut(f.Key, "/")
	n := t.byName[name]
	if n == nil {
		if len(t.byName) >= t.cfg.MaxNodes {
			return
		}
		n = t.node(name, f.Seq, nil)
	}
	if f.Kind != event.FactNode {
		had := n.keys.len()
		n.keys.put(factKey{f.Kind, f.Key}, f.Seq)
		t.facts += n.keys.len() - had
		return
	}
	var s event.NodeState
	if json.Unmarshal(f.Data, &s) != nil {
		return // as if the node were new
	}
	n.state, n.at, n.heardNs = s, f.Seq, s.ReceivedNs
	n.heads.load(s.Epoch, s.Batch, f.Seq)
}

// take says whether a batch of a node is to be taken, and puts the facts to store into out where it is.
func (t *nodes) take(b *Batch, out *[]event.Fact) bool {
	n := t.node(b.Head.Node, b.Seq, out)
	fresh, missing := n.heads.take(&b.Head, b.Seq)
	if b.Seq <= n.at {
		return fresh
	}
	n.heardNs = b.ReceivedNs
	if !fresh {
		n.state.Repeated++
		return false
	}
	n.state.Missing += missing
	tell := n.state.Epoch != b.Head.Epoch
	for i := range b.Facts {
		if f := &b.Facts[i]; f.Kind == event.FactNode {
			tell = n.said(f) || tell
		} else {
			t.put(n, f, b.Seq, out)
		}
	}
	if tell {
		t.tell(n, b, out)
	}
	return true
}

// said takes in what the agent says of itself.
func (n *node) said(f *event.Fact) bool {
	var s event.NodeState
	if json.Unmarshal(f.Data, &s) != nil {
		return false
	}
	n.state.Records, n.state.Events, n.state.Lost = s.Records, s.Events, s.Lost
	return true
}

// tell puts the fact of a node into out.
func (t *nodes) tell(n *node, b *Batch, out *[]event.Fact) {
	n.state.BootID, n.state.Epoch, n.state.Batch, n.state.ReceivedNs = b.Head.BootID, b.Head.Epoch, n.heads.last(b.Head.Epoch), b.ReceivedNs
	data, err := json.Marshal(&n.state)
	if err != nil {
		panic(err) // numbers and texts
	}
	n.at = b.Seq
	*out = append(*out, event.Fact{Kind: event.FactNode, Key: n.name, TimeNs: b.ReceivedNs, Seq: b.Seq, Data: data})
}

// put puts a fact about a node into out, unless a newer one is stored.
func (t *nodes) put(n *node, f *event.Fact, seq uint64, out *[]event.Fact) {
	key, had := factKey{f.Kind, f.Key}, n.keys.len()
	if len(f.Data) == 0 {
		if n.keys.drop(key, seq) {
			t.facts--
			*out = append(*out, gone(key, seq))
		}
		return
	}
	if !n.keys.put(key, seq) {
		return
	}
	t.facts += n.keys.len() - had
	told := *f
	told.Seq = seq
	*out = append(*out, told)
	t.bound(n, seq, out)
}

// bound forgets what is too much after n got a fact.
func (t *nodes) bound(n *node, seq uint64, out *[]event.Fact) {
	if n.keys.len() <= t.cfg.MaxFactsPerNode {
		if t.facts <= t.cfg.MaxFacts {
			return
		}
		n = t.fullest()
	}
	t.forgottenFacts++
	t.facts--
	*out = append(*out, gone(n.keys.oldest(), seq))
}

// gone is the fact that another one holds no more.
func gone(key factKey, seq uint64) event.Fact {
	return event.Fact{Kind: key.kind, Key: key.key, Seq: seq}
}

// fullest is the node that has most facts, the first by name of several.
func (t *nodes) fullest() *node {
	var most *node
	for _, n := range t.byName {
		if most == nil || n.keys.len() > most.keys.len() || n.keys.len() == most.keys.len() && n.name < most.name {
			most = n
		}
	}
	return most
}

// node returns the node of a name. One that is new may take the place of another.
func (t *nodes) node(name string, seq uint64, out *[]event.Fact) *node {
	if n := t.byName[name]; n != nil {
		return n
	}
	if len(t.byName) >= t.cfg.MaxNodes {
		t.forget(seq, out)
	}
	n := &node{name: name}
	t.byName[name] = n
	return n
}

// forget forgets the node heard of least recently, the first by name of several; its facts hold no more.
func (t *nodes) forget(seq uint64, out *[]event.Fact) {
	var worst *node
	for _, n := range t.byName {
		if worst == nil || cmp.Or(cmp.Compare(n.heardNs, worst.heardNs), strings.Compare(n.name, worst.name)) < 0 {
			worst = n
		}
	}
	if worst == nil {
		return
	}
	delete(t.byName, worst.name)
	t.facts -= worst.keys.len()
	t.forgottenNodes++
	*out = append(*out, gone(factKey{event.FactNode, worst.name}, seq))
	for worst.keys.len() > 0 {
		*out = append(*out, gone(worst.keys.oldest(), seq))
	}
}
