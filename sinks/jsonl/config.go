package jsonl

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Config says where lines go and how they are kept.
type Config struct {
	File string
	// RotateBytes is the size beyond which a new file is begun, RotateAfter the time: with 24 h each file holds the lines written
	// in one day of UTC. 0 is never. A finished file gets a number and the time in its name; names sort in the order of time.
	RotateBytes int64
	RotateAfter time.Duration
	Keep        int // how many finished files are kept, the newest; 0: all
	// Sync is when lines are synced to the disk: "always" (or empty), before Write returns; "never"; or a duration, in which a crash of the
	// machine may lose what was written last. A crash of the process loses nothing either way.
	Sync string
	// Remember is how old a line can be that is given to the sink once more: finished files that were last written to so long before
	// the newest of them are not read at the start.
	Remember time.Duration

	Log *slog.Logger // told what was found at the start, and what could not be tidied up; nil: nobody
}

// DefaultConfig never rotates, syncs each batch, and remembers 30 days.
func DefaultConfig() Config { return Config{Sync: "always", Remember: 30 * 24 * time.Hour} }

// Validate says what is wrong.
func (c Config) Validate() error {
	_, err := parseSync(c.Sync)
	switch {
	case c.File == "":
		return errors.New("no file is named")
	case c.RotateBytes < 0 || c.RotateAfter < 0 || c.Keep < 0 || c.Remember < 0:
		return errors.New("sizes, times and numbers of files must not be negative")
	case c.Keep > 0 && c.RotateBytes == 0 && c.RotateAfter == 0:
		return errors.New("how many files are kept says nothing where no new file is ever begun")
	}
	return err
}

func (c Config) log() *slog.Logger {
	return cmp.Or(c.Log, slog.New(slog.DiscardHandler)).With("file", c.File)
}

// What parseSync returns for the words.
const (
	syncAlways time.Duration = 0
	syncNever  time.Duration = -1
)

// parseSync returns within which time lines are synced.
func parseSync(s string) (time.Duration, error) {
	switch s {
	case "always", "":
		return syncAlways, nil
	case "never":
		return syncNever, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("sync must be always, never or a duration, not %q", s)
	}
	return d, nil
}
