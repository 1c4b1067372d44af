package sensor

import (
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Config says how a Source works.
type Config struct {
	NodeName string // by which events tell the node
	Version  string // of the program
	// Hold is how long a container's records wait for its names and those of its users, and HoldBytes how much memory the records
	// of all containers that wait may take. What would be too much goes out without names.
	Hold      time.Duration
	HoldBytes int
	// Look is how often the kernel is asked what was lost, and Beat how often a beat is sent.
	Look, Beat time.Duration
	// Sessions returns what a sensor before this one knew in this boot. It may be nil.
	Sessions func(bootID string) (*kernel.Sessions, error)
	// Tick is called after each look, between batches, by the goroutine that reads. It may be nil.
	Tick func()
	// Ready is told when the beginning of the stream is made: nothing is missed from then on. The goroutine that reads calls it. It may
	// be nil.
	Ready func(*kernel.Start)
}

// DefaultConfig holds records for 50 ms in at most 4 MiB, looks for losses each second and sends a beat each 10 s.
func DefaultConfig() Config {
	return Config{Hold: 50 * time.Millisecond, HoldBytes: 4 << 20, Look: time.Second, Beat: 10 * time.Second}
}
