package bus

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// tokenLife is for how long a connection with a token lasts: then the agent connects again, with the token that it has by then.
const tokenLife = time.Hour

// authenticator tells the server which node a connection comes from, and what that may do: publish to its own subject and get
// answers in its own inbox, nothing else. It implements nats-server's Authentication.
type authenticator struct {
	listener *Listener
	log      *slog.Logger
	mu       sync.Mutex
	keys     map[string]string // public key -> node; guarded by mu
	read     time.Time         // of the file that keys come from; guarded by mu
}

func newAuthenticator(l *Listener, log *slog.Logger) (*authenticator, error) {
	if err := l.validate(); err != nil {
		return nil, err
	}
	a := &authenticator{listener: l, log: log}
	if l.KeysFile == "" {
		return a, nil
	}
	return a, a.readKeys()
}

// Check says whether a connection is let in.
func (a *authenticator) Check(c server.ClientAuthentication) bool {
	if addr := c.RemoteAddress(); addr != nil && addr.Network() == "pipe" {
		return true // from inside this process
	}
	if c.Kind() != server.CLIENT {
		return false
	}
	node, until, err := a.node(c)
	if err != nil {
		a.log.Warn("an agent is refused", "address", c.RemoteAddress(), "error", err)
		return false
	}
	p, err := nodePermissions(node, a.listener.tails(node))
	if err != nil {
		a.log.Warn("an agent is refused", "address", c.RemoteAddress(), "error", err)
		return false
	}
	c.RegisterUser(&server.User{Username: "node/" + node, ConnectionDeadline: until, Permissions: p.forServer()})
	return true
}

// node returns the node that a connection has proved to come from.
func (a *authenticator) node(c server.ClientAuthentication) (node string, until time.Time, err error) {
	opts := c.GetOpts()
	switch {
	case opts.Nkey != "":
		node, err = a.byKey(opts, c.GetNonce())
		return node, time.Time{}, err
	case opts.Token != "" && a.listener.Authenticate != nil:
		ctx, cancel := context.WithTimeout(context.Background(), authTimeout-time.Second)
		defer cancel()
		node, err = a.listener.Authenticate(ctx, opts.Token)
		return node, time.Now().Add(tokenLife), err
	}
	return "", time.Time{}, fmt.Errorf("it has neither a key nor a token")
}

// byKey checks that a connection holds the key that it names: it has signed the nonce.
func (a *authenticator) byKey(opts *server.ClientOpts, nonce []byte) (string, error) {
	node, known := a.key(opts.Nkey)
	if !known {
		return "", fmt.Errorf("no node has the key %.60q", opts.Nkey)
	}
	sig, err := base64.RawURLEncoding.DecodeString(opts.Sig)
	if err != nil {
		return "", fmt.Errorf("read its signature: %w", err)
	}
	pub, err := nkeys.FromPublicKey(opts.Nkey)
	if err != nil {
		return "", fmt.Errorf("read its key: %w", err)
	}
	if err := pub.Verify(nonce, sig); err != nil {
		return "", fmt.Errorf("check its signature: %w", err)
	}
	return node, nil
}

// key returns the node of a public key. Where the file has changed it is read again; one that cannot be read changes nothing.
func (a *authenticator) key(public string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listener.KeysFile == "" {
		return "", false
	}
	if info, err := os.Stat(a.listener.KeysFile); err == nil && !info.ModTime().Equal(a.read) {
		if err := a.readKeys(); err != nil {
			a.log.Error("the keys of the nodes stay what they were", "error", err)
		}
	}
	node, known := a.keys[public]
	return node, known
}

// readKeys reads the file of keys. The caller holds mu, or is alone.
func (a *authenticator) readKeys() error {
	info, err := os.Stat(a.listener.KeysFile)
	if err != nil {
		return fmt.Errorf("read the keys of the nodes: %w", err)
	}
	data, err := os.ReadFile(a.listener.KeysFile)
	if err != nil {
		return fmt.Errorf("read the keys of the nodes: %w", err)
	}
	keys, err := parseKeys(data)
	if err != nil {
		return fmt.Errorf("read the keys of the nodes in %s: %w", a.listener.KeysFile, err)
	}
	a.keys, a.read = keys, info.ModTime()
	return nil
}

// parseKeys reads lines of a node's name and a public key; # begins a comment. A node may have several keys.
func parseKeys(data []byte) (map[string]string, error) {
	keys := make(map[string]string)
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 2 || !nkeys.IsValidPublicUserKey(fields[1]) {
			return nil, fmt.Errorf("line %d: want the name of a node and its public key", n)
		}
		if other, twice := keys[fields[1]]; twice {
			return nil, fmt.Errorf("line %d: the key is that of %s", n, other)
		}
		keys[fields[1]] = fields[0]
	}
	return keys, lines.Err()
}

// tails returns the cluster whose audit log the node may send, empty where it may not.
func (l *Listener) tails(node string) string {
	if !slices.Contains(l.TailNodes, node) {
		return ""
	}
	if l.Cluster == "" {
		return "default"
	}
	return l.Cluster
}
