package detector

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// NodeConfig bounds what is known of nodes.
type NodeConfig struct {
	MaxNodes        int // beyond, the one heard of least recently is forgotten, with its facts
	MaxFactsPerNode int // of one kind; beyond, the oldest of the node is forgotten
	MaxFacts        int // of all nodes; beyond, the oldest of the node that has most is forgotten
}

// DefaultNodeConfig knows 16,384 nodes and 262,144 facts, 2,048 of one node and kind.
func DefaultNodeConfig() NodeConfig {
	return NodeConfig{MaxNodes: 1 << 14, MaxFactsPerNode: 1 << 11, MaxFacts: 1 << 18}
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
	keys  map[string]*factKeys // by kind
	// since is where the sensor's epoch began, until it has had time to tell of the containers that there are; then 0.
	since uint64
}

func newNodes(cfg NodeConfig) nodes { return nodes{cfg: cfg, byName: map[string]*node{}} }

// of returns the facts of a kind.
func (n *node) of(kind string) *factKeys {
	k := n.keys[kind]
	if k == nil {
		k = &factKeys{}
		n.keys[kind] = k
	}
	return k
}

// facts counts those of all kinds.
func (n *node) facts() (count int) {
	for _, k := range n.keys {
		count += k.len()
	}
	return count
}

// load takes in a fact that was stored before the detector began. What is too much makes no room for itself.
func (t *nodes) load(f *event.Fact) {
	name, _, _ := strings.Cut(f.Key, "/")
	if len(f.Data) == 0 || t.byName[name] == nil && len(t.byName) >= t.cfg.MaxNodes {
		return
	}
	n := t.node(name, f.Seq, nil)
	if f.Kind != event.FactNode {
		k := n.of(f.Kind)
		had := k.len()
		k.put(f.Key, f.Seq)
		t.facts += k.len() - had
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
	begins := n.state.Epoch != b.Head.Epoch
	if begins {
		n.since = b.Seq
	}
	said := false
	for i := range b.Facts {
		if f := &b.Facts[i]; f.Kind == event.FactNode {
			said = n.said(f) || said
		} else {
			t.put(n, f, b.Seq, out)
		}
	}
	if said && !begins {
		t.sweep(n, b.Seq, out)
	}
	if said || begins {
		n.tell(b, out)
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
func (n *node) tell(b *Batch, out *[]event.Fact) {
	n.state.BootID, n.state.Epoch, n.state.Batch, n.state.ReceivedNs = b.Head.BootID, b.Head.Epoch, n.heads.last(b.Head.Epoch), b.ReceivedNs
	data, err := json.Marshal(&n.state)
	if err != nil {
		panic(err) // numbers and texts
	}
	n.at = b.Seq
	*out = append(*out, event.Fact{Kind: event.FactNode, Key: n.name, TimeNs: b.ReceivedNs, Seq: b.Seq, Data: data})
}

// sweep ends the facts of containers that a sensor before this one told of and this one did not: they stopped while none looked. The
// sensor tells of those that there are before anything else.
func (t *nodes) sweep(n *node, seq uint64, out *[]event.Fact) {
	for n.since > 0 {
		key, ok := n.of(event.FactContainer).dropOldest(n.since)
		if !ok {
			n.since = 0
			return
		}
		t.facts--
		*out = append(*out, gone(event.FactContainer, key, seq))
	}
}

// put puts a fact about a node into out, unless a newer one is stored.
func (t *nodes) put(n *node, f *event.Fact, seq uint64, out *[]event.Fact) {
	k := n.of(f.Kind)
	if len(f.Data) == 0 {
		if k.drop(f.Key, seq) {
			t.facts--
			*out = append(*out, gone(f.Kind, f.Key, seq))
		}
		return
	}
	had := k.len()
	if !k.put(f.Key, seq) {
		return
	}
	t.facts += k.len() - had
	told := *f
	told.Seq = seq
	*out = append(*out, told)
	t.bound(k, f.Kind, seq, out)
}

// bound forgets what is too much after k, of a kind, got a fact.
func (t *nodes) bound(k *factKeys, kind string, seq uint64, out *[]event.Fact) {
	if k.len() <= t.cfg.MaxFactsPerNode {
		if t.facts <= t.cfg.MaxFacts {
			return
		}
		kind, k = t.fullest().fullest()
	}
	if key, ok := k.dropOldest(math.MaxUint64); ok {
		t.forgottenFacts++
		t.facts--
		*out = append(*out, gone(kind, key, seq))
	}
}

// gone is the fact that another one holds no more.
func gone(kind, key string, seq uint64) event.Fact {
	return event.Fact{Kind: kind, Key: key, Seq: seq}
}

// fullest is the node that has most facts, the first by name of several.
func (t *nodes) fullest() *node {
	var most *node
	for _, n := range t.byName {
		if most == nil || cmp.Or(cmp.Compare(most.facts(), n.facts()), strings.Compare(n.name, most.name)) < 0 {
			most = n
		}
	}
	return most
}

// fullest is the kind of which the node has most facts, the first by name of several.
func (n *node) fullest() (kind string, most *factKeys) {
	for _, of := range slices.Sorted(maps.Keys(n.keys)) {
		if k := n.keys[of]; most == nil || k.len() > most.len() {
			kind, most = of, k
		}
	}
	return kind, most
}

// node returns the node of a name. One that is new may take the place of another.
func (t *nodes) node(name string, seq uint64, out *[]event.Fact) *node {
	if n := t.byName[name]; n != nil {
		return n
	}
	if len(t.byName) >= t.cfg.MaxNodes {
		t.forget(seq, out)
	}
	n := &node{name: name, keys: map[string]*factKeys{}}
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
	t.facts -= worst.facts()
	t.forgottenNodes++
	*out = append(*out, gone(event.FactNode, worst.name, seq))
	for _, kind := range slices.Sorted(maps.Keys(worst.keys)) {
		for key, ok := worst.keys[kind].dropOldest(math.MaxUint64); ok; key, ok = worst.keys[kind].dropOldest(math.MaxUint64) {
			*out = append(*out, gone(kind, key, seq))
		}
	}
}
