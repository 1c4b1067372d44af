package agents

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/nats-io/nkeys"
	"github.com/parallax-sec/parallax/setup/folder"
)

// Names of files. The seed of a node is in node-NAME.nk.
const (
	HubSeed       = "hub.nk"                  // of hubs, for a NATS cluster
	KeysFile      = "agents.keys"             // for a hub that listens itself: bus.agentKeysFile
	Authorization = "nats-authorization.conf" // for nats-server
)

// Config says for whom keys are made.
type Config struct {
	Dir string
	// Nodes get a key, TailNodes one that may send the audit log that lies there, too. Those that have one keep it, named or not.
	Nodes, TailNodes []string
	Revoke           []string // nodes that are not let in any more
	Cluster          string   // of the audit logs
	// Permissions tells what the agent of a node may publish and subscribe to. tailOf is the cluster whose audit log it may send, or empty.
	Permissions func(node, tailOf string) (publish, subscribe []string, err error)
}

// validName keeps a name usable as a part of a file's name and of a line.
var validName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)

// Validate returns all that is wrong with c.
func (c *Config) Validate() error {
	var faults []error
	if c.Dir == "" {
		faults = append(faults, errors.New("no folder is given"))
	}
	for _, node := range slices.Concat(c.Nodes, c.TailNodes, c.Revoke) {
		if !validName.MatchString(node) {
			faults = append(faults, fmt.Errorf("%.300q is not the name of a node", node))
		}
	}
	for _, node := range c.Revoke {
		if slices.Contains(c.Nodes, node) || slices.Contains(c.TailNodes, node) {
			faults = append(faults, fmt.Errorf("the key of %s is to be made and to be revoked", node))
		}
	}
	return errors.Join(faults...)
}

// agent is a node that has a key.
type agent struct {
	key  string // public
	tail bool
}

// Plan is what will be done.
type Plan struct {
	config Config
	folder *folder.Folder
	hub    string // its public key
	agents map[string]agent
}

// NewPlan looks at the folder and plans what c asks for. It changes nothing.
func NewPlan(c Config) (*Plan, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	f, err := folder.Open(c.Dir)
	if err != nil {
		return nil, err
	}
	p := &Plan{config: c, folder: f}
	for _, step := range []func() error{p.read, p.revoke, p.planHub, p.planNodes, p.planKeys, p.planAuthorization} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Steps returns what happens to each file.
func (p *Plan) Steps() []folder.Step { return p.folder.Steps() }

// Apply does what is planned.
func (p *Plan) Apply() error { return p.folder.Apply() }

// Nodes returns how many nodes have a key then.
func (p *Plan) Nodes() int { return len(p.agents) }

// read reads which nodes have keys.
func (p *Plan) read() error {
	data, err := p.folder.Read(KeysFile)
	if err != nil {
		return err
	}
	p.agents = make(map[string]agent)
	for line := range strings.Lines(string(data)) {
		line, _, _ := strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) < 2 || !validName.MatchString(f[0]) || !nkeys.IsValidPublicUserKey(f[1]) {
			return fmt.Errorf("%s: not a line of ours: %.200q", p.folder.Path(KeysFile), line)
		}
		p.agents[f[0]] = agent{key: f[1], tail: slices.Contains(f[2:], "tail")}
	}
	return nil
}

// revoke forgets nodes, and empties their seeds, so that none of them is used again.
func (p *Plan) revoke() error {
	for _, node := range p.config.Revoke {
		if _, has := p.agents[node]; !has {
			return fmt.Errorf("%s has no key", node)
		}
		delete(p.agents, node)
		if err := p.folder.Write(seedFile(node), nil, folder.Secret, "revoked"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Plan) planHub() (err error) {
	p.hub, err = p.seed(HubSeed, "of hubs: they may do everything in their account")
	return err
}

func (p *Plan) planNodes() error {
	for i, nodes := range [][]string{p.config.Nodes, p.config.TailNodes} {
		for _, node := range nodes {
			key, err := p.seed(seedFile(node), "for the agent of "+node+" alone")
			if err != nil {
				return err
			}
			p.agents[node] = agent{key: key, tail: i == 1 || p.agents[node].tail && p.agents[node].key == key}
		}
	}
	return nil
}

func seedFile(node string) string { return "node-" + node + ".nk" }

// seed plans a file with a seed, the one that is there where there is one, and returns its public key.
func (p *Plan) seed(name, why string) (string, error) {
	data, err := p.folder.Read(name)
	if err != nil {
		return "", err
	}
	pair, err := readOrMake(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", p.folder.Path(name), err)
	}
	seed, err := pair.Seed()
	if err != nil {
		return "", fmt.Errorf("%s: %w", p.folder.Path(name), err)
	}
	if err := p.folder.Write(name, append(seed, '\n'), folder.Secret, why); err != nil {
		return "", err
	}
	return pair.PublicKey()
}

func readOrMake(data []byte) (nkeys.KeyPair, error) {
	if data = bytes.TrimSpace(data); len(data) == 0 {
		return nkeys.CreateUser()
	}
	return nkeys.FromSeed(data)
}

// planKeys plans the file that a hub reads.
func (p *Plan) planKeys() error {
	text := "# Agents that this hub lets in: node, public key, tail where it may send the audit log that lies there.\n"
	for _, node := range slices.Sorted(maps.Keys(p.agents)) {
		text += node + " " + p.agents[node].key
		if p.agents[node].tail {
			text += " tail"
		}
		text += "\n"
	}
	return p.folder.Write(KeysFile, []byte(text), folder.Public, "for hubs that listen themselves: bus.agentKeysFile")
}
