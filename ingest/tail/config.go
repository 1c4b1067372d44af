package tail

import (
	"errors"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Start says where to begin with logs that are there when a Tail has no state yet. Logs that appear later, and all logs once
// there is a state, are read from their oldest line that was not read.
type Start uint8

// The places to begin at.
const (
	StartLive   Start = iota // the first line of the live file: its backups count as read
	StartOldest              // the first line of the oldest backup
	StartEnd                 // behind the last line
)

// ParseStart reads "live", "oldest" or "end".
func ParseStart(s string) (Start, error) {
	switch s {
	case "", "live":
		return StartLive, nil
	case "oldest":
		return StartOldest, nil
	case "end":
		return StartEnd, nil
	}
	return 0, errors.New("want live, oldest or end")
}

// Config says how logs are followed. The zero value of a field means its default.
type Config struct {
	// StateFile keeps how far each log was read. It is replaced as a whole, never written in place. Empty: nothing is kept, and
	// each Run begins at Start.
	StateFile string
	// Start is where to begin where StateFile is not there.
	Start Start
	// ChunkBytes is how much is read and handed out at once; one line may be longer. Default 256 KiB.
	ChunkBytes int
	// MaxLineBytes is the longest line, without its newline. A longer one is a fault and left out. Default 16 MiB.
	MaxLineBytes int
	// MaxLogs is how many logs are followed; those beyond, in order of name, are a fault. Default 64.
	MaxLogs int
	// Poll is how often files are looked at where the kernel does not tell of changes. Default 1 s.
	Poll time.Duration
	// Gather is how long lines are waited for when one has come, so that not every line is a chunk of its own. Default 20 ms.
	Gather time.Duration
	// Linger is how long a file that was rotated away is watched for what its writer still adds to it. Default 5 s.
	Linger time.Duration
	// SaveEvery is the least time between two writes of StateFile, and so, as StateFile is synced to disk each time, the most
	// that is read again after a crash. Default 1 s.
	SaveEvery time.Duration
	// PollOnly leaves the kernel's notifications unused.
	PollOnly bool
	// Backup tells the backups of a log by their names. Default Backup.
	Backup func(name string) (Name, bool)
	// Fault is told what had to be left out, and what keeps a log from being read. Gap is told where lines may be missing.
	// Neither is called twice at the same time. nil: nobody is told, but Stats counts.
	Fault func(event.Fault)
	Gap   func(Gap)

	settle time.Duration // how long a directory must not have changed before its files are listed; negative: no time, for tests
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{
		ChunkBytes:   256 << 10,
		MaxLineBytes: 16 << 20,
		MaxLogs:      64,
		Poll:         time.Second,
		Gather:       20 * time.Millisecond,
		Linger:       5 * time.Second,
		SaveEvery:    time.Second,
		Backup:       Backup,
		settle:       20 * time.Millisecond,
	}
}

func (c Config) withDefaults() Config {
	d := DefaultConfig()
	orDefault(&c.ChunkBytes, d.ChunkBytes)
	orDefault(&c.MaxLineBytes, d.MaxLineBytes)
	orDefault(&c.MaxLogs, d.MaxLogs)
	orDefault(&c.Poll, d.Poll)
	orDefault(&c.Gather, d.Gather)
	orDefault(&c.Linger, d.Linger)
	orDefault(&c.SaveEvery, d.SaveEvery)
	if c.settle == 0 {
		c.settle = d.settle
	}
	if c.Backup == nil {
		c.Backup = d.Backup
	}
	if c.Fault == nil {
		c.Fault = func(event.Fault) {}
	}
	if c.Gap == nil {
		c.Gap = func(Gap) {}
	}
	return c
}

func orDefault[T int | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
