package bus

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"time"
)

// Config says where the streams are kept, and how large they may become. Dir and URLs exclude each other.
type Config struct {
	// Dir is where the server inside this process keeps its streams. It is locked: two processes never share it.
	Dir string
	// Sync is how often that server syncs its files. 0 syncs before each acknowledgement, so that a loss of power loses nothing
	// that was acknowledged; anything else may lose that much (SINKS 4.2).
	Sync time.Duration
	// MinFreeBytes is how much of the disk stays free: with less, nothing more is taken.
	MinFreeBytes int64
	// Agents is where agents reach the server inside this process; nil: nowhere.
	Agents *Listener

	// URLs are the servers of a cluster beside this process: tls://nats-0:4222. Replicas is the number of copies that it keeps
	// of each message, 0: three where it has three servers, else one.
	URLs     []string
	Replicas int
	Auth     Auth

	// Name is how this process calls itself towards the cluster and in the lease.
	Name   string
	Limits Limits
	// MaxBodyBytes bounds what one Publish takes, before compression.
	MaxBodyBytes int
	// Timeout bounds the wait for one answer of the store.
	Timeout time.Duration
	// Log gets what the server and the connection have to tell; nil: nowhere.
	Log *slog.Logger
}

// Auth is how a process proves to a cluster who it is. Empty fields are not used.
type Auth struct {
	// TLS is asked for the CAs at each connection; nil: what the URL's scheme says, with the system's CAs.
	TLS       func() *tls.Config
	CredsFile string // JWT and seed
	NKeyFile  string // seed
	TokenFile string // read again at each connection: a service account's token
}

// Limits are the sizes of the streams in bytes, as stored.
type Limits struct {
	Events, Alerts, Facts, Dead, Quarantine int64
}

// DefaultConfig keeps 10 GB of events and syncs each message. It says not where.
func DefaultConfig() Config {
	return Config{
		Name:         "parallax",
		Limits:       Limits{Events: 10 << 30, Alerts: 2 << 30, Facts: 1 << 30, Dead: 512 << 20, Quarantine: 512 << 20},
		MinFreeBytes: 128 << 20,
		MaxBodyBytes: 128 << 20,
		Timeout:      5 * time.Second,
	}
}

// Validate says what is wrong with c.
func (c *Config) Validate() error {
	switch {
	case (c.Dir == "") == (len(c.URLs) == 0):
		return errors.New("a bus needs either a folder or the addresses of a cluster")
	case c.Agents != nil && c.Dir == "":
		return errors.New("agents reach a cluster by itself: no listener for them")
	case min(c.Limits.Events, c.Limits.Alerts, c.Limits.Facts, c.Limits.Dead, c.Limits.Quarantine) < 1<<10:
		return errors.New("each stream needs a size")
	case c.MaxBodyBytes < 1<<10 || c.MaxBodyBytes > 1<<30:
		return errors.New("the largest body must be between 1 kB and 1 GB")
	case c.Timeout <= 0 || c.Sync < 0 || c.Replicas < 0 || c.MinFreeBytes < 0:
		return errors.New("times, sizes and replicas cannot be negative, and the timeout not 0")
	}
	return nil
}
