package sinks

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"
)

// maxBatch bounds Config.Batch.
const maxBatch = 10_000

// Config says how alerts are delivered to a sink.
type Config struct {
	Batch      int           // alerts in one request, at most
	Timeout    time.Duration // of one request
	Backoff    time.Duration // before the second attempt; doubled for each one after it
	MaxBackoff time.Duration // what the doubling ends at
	Drain      time.Duration // how long what is under way may take once the delivery was told to stop
	// MinSeverity is that of the least severe alerts that the sink gets; others are passed over. 0: all, also events that are given
	// out as they are.
	MinSeverity int

	Name string       // of the sink, in logs
	Log  *slog.Logger // told when a sink begins to fail, works again, or refuses alerts; nil: nobody
}

// maxServerDelay bounds what a server may ask for: one that wants to be left alone for a year is asked again before that.
const maxServerDelay = 15 * time.Minute

// DefaultConfig gives a server 256 alerts at once and 30 s to answer, and waits between 0.5 s and 1 minute.
func DefaultConfig() Config {
	return Config{Batch: 256, Timeout: 30 * time.Second, Backoff: 500 * time.Millisecond, MaxBackoff: time.Minute, Drain: 5 * time.Second}
}

// Validate says what is wrong.
func (c Config) Validate() error {
	switch {
	case c.Batch < 1 || c.Batch > maxBatch:
		return fmt.Errorf("a batch must be 1 to %d alerts, not %d", maxBatch, c.Batch)
	case c.Timeout <= 0:
		return fmt.Errorf("the timeout must be more than 0, not %v", c.Timeout)
	case c.Backoff <= 0 || c.MaxBackoff < c.Backoff:
		return fmt.Errorf("the backoff must be more than 0 and at most %v, not %v", c.MaxBackoff, c.Backoff)
	case c.Drain < 0:
		return fmt.Errorf("the drain must not be negative: %v", c.Drain)
	}
	return nil
}

func (c Config) log() *slog.Logger {
	return cmp.Or(c.Log, slog.New(slog.DiscardHandler)).With("sink", c.Name)
}
