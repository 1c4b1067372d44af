package sinks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/parallax-sec/parallax/event"
)

const (
	// maxSuspects bounds how many alerts are held that fail while others are taken. Beyond it the one that failed most often is put aside.
	maxSuspects = 256
	// maxStrikes is how often an alert may fail, with others taken since it last did, until it is put aside. With the waits between
	// them that takes some minutes at least.
	maxStrikes = 10
	// askAfter is how often an alert fails alone before others are tried, and askMost how many of them.
	askAfter = 3
	askMost  = 8
	// credit is how many alerts may become suspects since another one was taken.
	credit = 8
	// maxBatches bounds, in batches, how many alerts are held while others are asked for, and company is how long that waits for them.
	maxBatches = 2
	company    = time.Second
	// retryMost is how many suspects are tried between two batches, so that the others need not wait for many that hang.
	retryMost = 4
)

// suspect is an alert that fails, for a reason that may pass, while others are taken: a server that breaks down over what stands in
// it, say. Whoever can write such a text could keep all other alerts back, if they waited for this one.
type suspect struct {
	alert   *event.Alert
	err     error // why it failed last
	strikes int
	took    uint64 // Delivery.took when it failed last
	wait    backoff
	due     time.Time
}

// accuse finds out whether the first alert fails, which just did so alone, or the sink: it gives the sink others. Where one of them is
// taken, the first, and those behind it, are tried again, and are suspects where they fail. found says that something was taken; what is
// left is returned.
func (d *Delivery) accuse(r run, alerts []*event.Alert, why error) (left []*event.Alert, found bool) {
	if len(alerts) < maxBatches*d.cfg.Batch {
		alerts = append(alerts, d.more(r)...)
	}
	took := d.took
	for i := 0; i < min(askMost, len(alerts)-1) && d.took == took; i++ {
		alerts = d.ask(r.hard, alerts)
	}
	if d.took == took {
		return alerts, false
	}
	d.recovered()
	for range min(credit, len(alerts)) {
		first := alerts[0]
		alerts = alerts[1:]
		o := d.try(r.hard, []*event.Alert{first})
		if len(o.left) == 0 {
			break // from here on it may go faster
		}
		d.suspect(r.hard, first, cmp.Or(o.err, why))
	}
	return alerts, true
}

// ask gives one alert behind the first to the sink, another one each time, and returns all that are not dealt with.
func (d *Delivery) ask(ctx context.Context, alerts []*event.Alert) []*event.Alert {
	if len(alerts) == 1 {
		return alerts
	}
	d.asked++
	i := 1 + d.asked%(len(alerts)-1)
	if o := d.try(ctx, []*event.Alert{alerts[i]}); len(o.left) > 0 {
		return alerts
	}
	return slices.Delete(alerts, i, i+1)
}

// more returns further alerts of the queue, where there are any.
func (d *Delivery) more(r run) []*event.Alert {
	ctx, cancel := context.WithTimeout(r.soft, company)
	defer cancel()
	alerts, err := d.queue.Next(ctx, d.cfg.Batch)
	if err != nil {
		return nil // whatever it is, it is seen again when the next batch is asked for
	}
	return d.wanted(alerts)
}

// suspect holds an alert back from the others.
func (d *Delivery) suspect(ctx context.Context, a *event.Alert, why error) {
	d.open = slices.DeleteFunc(d.open, func(o *event.Alert) bool { return o == a })
	s := suspect{alert: a, err: why, strikes: 1, took: d.took, wait: backoff{first: d.cfg.Backoff, most: d.cfg.MaxBackoff}}
	s.due = time.Now().Add(s.wait.after(why))
	d.log.Warn("an alert fails while others are taken", "id", a.ID, "revision", a.Revision, "error", why)
	if d.suspects = append(d.suspects, s); len(d.suspects) > maxSuspects {
		if i := d.mostStrikes(); d.convict(ctx, &d.suspects[i]) {
			d.release(i)
		}
	}
	d.tally.suspects(len(d.suspects))
}

// release takes a suspect out, which is dealt with.
func (d *Delivery) release(i int) {
	d.open = append(d.open, d.suspects[i].alert)
	d.suspects = slices.Delete(d.suspects, i, i+1)
}

func (d *Delivery) mostStrikes() int {
	most := 0
	for i := range d.suspects {
		if d.suspects[i].strikes > d.suspects[most].strikes {
			most = i
		}
	}
	return most
}

// untilSuspect returns a context that ends when it is time for a suspect.
func (d *Delivery) untilSuspect(ctx context.Context) (context.Context, context.CancelFunc) {
	if i := d.firstDue(); i >= 0 {
		return context.WithDeadline(ctx, d.suspects[i].due)
	}
	return context.WithCancel(ctx)
}

// retrySuspects gives the suspects whose time has come to the sink again, each alone.
func (d *Delivery) retrySuspects(r run) {
	for range retryMost {
		i := d.firstDue()
		if i < 0 || r.stopping() || time.Now().Before(d.suspects[i].due) {
			break
		}
		if d.acquit(r.hard, &d.suspects[i]) {
			d.release(i)
		}
	}
	d.tally.suspects(len(d.suspects))
}

// acquit tries once more, and says whether the suspect is dealt with.
func (d *Delivery) acquit(ctx context.Context, s *suspect) bool {
	o := d.try(ctx, []*event.Alert{s.alert})
	if len(o.left) == 0 {
		return true
	}
	if d.took > s.took {
		s.strikes++
	}
	s.took, s.err, s.due = d.took, o.err, time.Now().Add(s.wait.after(o.err))
	return s.strikes >= maxStrikes && d.convict(ctx, s)
}

// convict puts a suspect aside, and says whether that went well.
func (d *Delivery) convict(ctx context.Context, s *suspect) bool {
	if d.bury(ctx, s.alert, fmt.Errorf("failed %d times while others were taken: %w", s.strikes, s.err), true) != nil {
		return false
	}
	d.tally.add(func(s *Stats) { s.Dead++ })
	return true
}

// firstDue is the index of the suspect whose time comes first, -1 where there is none.
func (d *Delivery) firstDue() int {
	first := -1
	for i := range d.suspects {
		if first < 0 || d.suspects[i].due.Before(d.suspects[first].due) {
			first = i
		}
	}
	return first
}
