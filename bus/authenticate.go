package bus

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// connectionLife is for about how long a connection lasts: then the agent connects again, with the token that it has by then, or not, if
// its key has been taken away. Not all of them do so at once.
const connectionLife = time.Hour

// authenticator tells the server which node a connection comes from, and what that may do: publish to its own subject and get
// answers in its own inbox, nothing else. It implements nats-server's Authentication.
type authenticator struct {
	listener *Listener
	log      *slog.Logger
	mu       sync.Mutex
	keys     map[string]keyOwner // by public key; guarded by mu
	read     time.Time           // of the file that keys come from; guarded by mu
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
	user, err := a.user(c)
	if err != nil {
		a.log.Warn("an agent is refused", "address", c.RemoteAddress(), "error", err)
		return false
	}
	c.RegisterUser(user)
	return true
}

// user returns the user that a connection has proved to be, with what it may do.
func (a *authenticator) user(c server.ClientAuthentication) (*server.User, error) {
	owner, err := a.owner(c)
	if err != nil {
		return nil, err
	}
	tailOf := ""
	if owner.tail || slices.Contains(a.listener.TailNodes, owner.node) {
		tailOf = cmp.Or(a.listener.Cluster, "default")
	}
	p, err := NodePermissions(owner.node, tailOf)
	if err != nil {
		return nil, err
	}
	life := connectionLife - rand.N(connectionLife/4)
	return &server.User{Username: "node/" + owner.node, Permissions: p.forServer(), ConnectionDeadline: time.Now().Add(life)}, nil
}

// keyOwner is whose key it is: a node's, which may be one that sends its audit log, too.
type keyOwner struct {
	node string
	tail bool
}

// owner returns the node that a connection has proved to come from.
func (a *authenticator) owner(c server.ClientAuthentication) (owner keyOwner, err error) {
	opts := c.GetOpts()
	switch {
	case opts.Nkey != "":
		return a.byKey(opts, c.GetNonce())
	case opts.Token != "" && a.listener.Authenticate != nil:
		ctx, cancel := context.WithTimeout(context.Background(), authTimeout-time.Second)
		defer cancel()
		owner.node, err = a.listener.Authenticate(ctx, opts.Token)
		return owner, err
	}
	return owner, errors.New("it has neither a key nor a token")
}

// byKey checks that a connection holds the key that it names: it has signed the nonce.
func (a *authenticator) byKey(opts *server.ClientOpts, nonce []byte) (none keyOwner, err error) {
	owner, known := a.key(opts.Nkey)
	if !known {
		return none, fmt.Errorf("no node has the key %.60q", opts.Nkey)
	}
	sig, err := base64.RawURLEncoding.DecodeString(opts.Sig)
	if err != nil {
		return none, fmt.Errorf("read its signature: %w", err)
	}
	pub, err := nkeys.FromPublicKey(opts.Nkey)
	if err != nil {
		return none, fmt.Errorf("read its key: %w", err)
	}
	if err := pub.Verify(nonce, sig); err != nil {
		return none, fmt.Errorf("check its signature: %w", err)
	}
	return owner, nil
}

// key returns the node of a public key. Where the file has changed it is read again; one that cannot be read changes nothing.
func (a *authenticator) key(public string) (keyOwner, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listener.KeysFile == "" {
		return keyOwner{}, false
	}
	if info, err := os.Stat(a.listener.KeysFile); err == nil && !info.ModTime().Equal(a.read) {
		if err := a.readKeys(); err != nil {
			a.log.Error("the keys of the nodes stay what they were", "error", err)
		}
	}
	owner, known := a.keys[public]
	return owner, known
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

// parseKeys reads lines of a node's name, a public key, and tail where it may send its audit log; # begins a comment. A node may
// have several keys.
func parseKeys(data []byte) (map[string]keyOwner, error) {
	keys := make(map[string]keyOwner)
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		tail := len(f) == 3 && f[2] == "tail"
		if len(f) != 2 && !tail || !nkeys.IsValidPublicUserKey(f[1]) {
			return nil, fmt.Errorf("line %d: want the name of a node and its public key", n)
		}
		if other, twice := keys[f[1]]; twice {
			return nil, fmt.Errorf("line %d: the key is that of %s", n, other.node)
		}
		keys[f[1]] = keyOwner{f[0], tail}
	}
	return keys, nil
}
