package tail

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Tail follows logs. Run is called once; Stats at any time.
type Tail struct {
	cfg    Config
	paths  []string
	counts counts
	fresh  bool          // there was no state
	faults []event.Fault // before Run

	notified atomic.Bool
	tellMu   sync.Mutex // one call of Fault or Gap at a time

	mu     sync.Mutex
	logs   map[string]*follower
	before map[string][]mark // of the state, for logs that have no follower yet
	dirty  bool              // something was stored since the state file was written

	saveFailed bool // it was told that the state file cannot be written; used by Run's goroutine
}

// New reads the state. paths are files, which need not be there yet, directories, with all logs in and below them, and patterns as
// in path/filepath.Match. In directories and by patterns, hidden files, backups and archives are not taken for logs; in
// directories, neither are symbolic links.
func New(cfg Config, paths []string) (*Tail, error) {
	if len(paths) == 0 {
		return nil, errors.New("nothing to follow: name log files, directories or patterns")
	}
	t := &Tail{cfg: cfg.withDefaults(), before: map[string][]mark{}, logs: map[string]*follower{}, fresh: true}
	t.cfg.Fault, t.cfg.Gap = t.serialized()
	if err := t.load(); err != nil {
		return nil, err
	}
	var err error
	t.paths, err = cleanPaths(paths)
	return t, err
}

// serialized are Fault and Gap, never called at the same time.
func (t *Tail) serialized() (func(event.Fault), func(Gap)) {
	fault, gap := t.cfg.Fault, t.cfg.Gap
	return func(f event.Fault) {
			t.tellMu.Lock()
			defer t.tellMu.Unlock()
			fault(f)
		}, func(g Gap) {
			t.tellMu.Lock()
			defer t.tellMu.Unlock()
			gap(g)
		}
}

// load reads the state file. One that cannot be understood is a fault: then all that is there is read, from the oldest line on.
func (t *Tail) load() error {
	if t.cfg.StateFile == "" {
		return nil
	}
	s, known, err := loadState(t.cfg.StateFile)
	if errors.Is(err, errBadState) {
		t.faults = append(t.faults, event.Fault{Origin: t.cfg.StateFile, Reason: err.Error() + ": every log is read from its oldest backup on"})
		t.fresh = false
		return nil
	}
	if err != nil {
		return err
	}
	t.fresh = !known
	for _, l := range s.Logs {
		t.before[l.Path] = l.Files
	}
	return nil
}

// Run follows the logs until ctx ends, which is no error, and calls store for each chunk, for those of one log one after the
// other. Where store fails it is called again with the same chunk, after a while.
func (t *Tail) Run(ctx context.Context, store func(context.Context, Chunk) error) error {
	for _, f := range t.faults {
		t.fault(f)
	}
	r := &run{Tail: t, store: store, notes: t.listen()}
	defer r.notes.close()
	r.scan()
	t.save() // before a line is handed out: a crash from now on is no first start
	r.startAll(ctx)
	r.loop(ctx)
	r.running.Wait()
	t.save()
	return nil
}

func (t *Tail) fault(f event.Fault) {
	t.counts.faults.Add(1)
	t.cfg.Fault(f)
}

// run is one call of Run.
type run struct {
	*Tail
	store   func(context.Context, Chunk) error
	notes   notes
	running sync.WaitGroup
	scanned bool // once: logs found from now on have appeared since
	tooMany bool // it was told that there are more logs than Config.MaxLogs
}

// loop looks for new logs, wakes followers and saves the state.
func (r *run) loop(ctx context.Context) {
	poll, save := time.NewTicker(r.cfg.Poll), time.NewTicker(r.cfg.SaveEvery)
	defer poll.Stop()
	defer save.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			r.scan()
			r.startAll(ctx)
			r.wake(func(*follower) bool { return true })
		case note := <-r.notes.next():
			r.wake(func(f *follower) bool { return f.concerns(note.Name) })
		case <-r.notes.trouble():
			r.wake(func(*follower) bool { return true })
		case <-save.C:
			r.saveIfDirty()
		}
	}
}

// wake wakes those followers for which of says so.
func (r *run) wake(of func(*follower) bool) {
	for _, f := range r.followers() {
		if of(f) {
			f.wake()
		}
	}
}

// scan finds the logs that are new, and gives up those that are gone.
func (r *run) scan() {
	found := findLogs(r.paths, r.cfg.Backup)
	if n := r.cfg.MaxLogs; len(found) > n {
		if !r.tooMany {
			r.fault(event.Fault{Origin: found[n], Reason: fmt.Sprintf("there are %d logs: this one and those behind it are not followed", len(found))})
		}
		r.tooMany, found = true, found[:n]
	}
	for path, f := range r.followers() {
		if !slices.Contains(found, path) && f.seen().atRest {
			f.stop()
			r.set(path, nil)
		}
	}
	logs := r.followers()
	for _, path := range found {
		if logs[path] == nil {
			logs[path] = r.newFollower(path)
			r.set(path, logs[path])
		}
		r.notes.add(logs[path].dirs)
	}
	r.scanned = true
}

// newFollower makes a follower, which goes on where the state says.
func (r *run) newFollower(path string) *follower {
	l := newLog(&r.cfg, &r.counts, path)
	l.saved = r.claim(path)
	if l.fresh = r.fresh && !r.scanned; l.fresh {
		l.advance(time.Now())
	}
	f := &follower{log: l, run: r, awake: make(chan struct{}, 1), dirs: dirsOf(path)}
	l.moved = true
	f.show(false)
	return f
}

// startAll starts the followers that are new.
func (r *run) startAll(ctx context.Context) {
	for _, f := range r.followers() {
		if f.stop == nil {
			var own context.Context
			own, f.stop = context.WithCancel(ctx)
			r.running.Go(func() { f.follow(own) })
		}
	}
}

// The logs are read by all and changed by the goroutine of Run.

// followers are a copy of the logs, by path.
func (t *Tail) followers() map[string]*follower {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.logs)
}

func (t *Tail) set(path string, f *follower) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dirty = true; f == nil {
		delete(t.logs, path)
	} else {
		t.logs[path] = f
	}
}

// claim takes what the state says of a log.
func (t *Tail) claim(path string) []mark {
	t.mu.Lock()
	defer t.mu.Unlock()
	marks := t.before[path]
	delete(t.before, path)
	return marks
}
