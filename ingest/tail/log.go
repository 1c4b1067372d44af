package tail

import (
	"errors"
	"io"
	"slices"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// log is one path that a program writes to, and the files that what it wrote is in. One goroutine uses it.
type log struct {
	cfg    *Config
	path   string
	counts *counts

	open  []*reading // in order of age: the last is the current one, those before it were rotated away
	done  []mark     // files that were read, so that they are not taken for new ones
	last  *mark      // of the file begun last, which the next one has to follow; nil where that is known to be broken, or nothing was
	saved []mark     // of the state, until it was gone on from there
	fresh bool       // there is no state: what is there now is where to begin
	gap   *Gap       // to be told with the next chunk
	from  *reading   // of the chunk that was handed out and is not committed
	moved bool       // marks are others than when show looked at them
	told  map[string]string

	unsteady      bool      // files could not be listed, since their directory was changing; it is tried again soon
	unsteadySince time.Time // when that began; zero where it was not so
}

func newLog(cfg *Config, c *counts, path string) *log {
	return &log{cfg: cfg, path: path, counts: c, told: map[string]string{}}
}

// goneLinger is how long a file that has no successor and is not at the log's path any more is kept open for what is still written
// to it, and how long an archive may be in the making.
const goneLinger = time.Minute

// next returns the next chunk, which commit must follow; nil where there is nothing to hand out for now.
func (l *log) next(now time.Time) *Chunk {
	if l.unsteady = false; l.saved != nil && !l.resume(now) {
		return nil
	}
	for {
		c, then := l.read(now)
		if c != nil {
			return c
		}
		if then == wait || then == atEnd && !l.advance(now) {
			return nil
		}
	}
}

// outcome is what became of asking all open files for lines.
type outcome uint8

const (
	atEnd   outcome = iota // all are at their end
	changed                // what is open has changed: ask again
	wait                   // one cannot be read for now
)

// read asks the open files for lines, the oldest first.
func (l *log) read(now time.Time) (*Chunk, outcome) {
	for i, r := range l.open {
		data, err := r.next(now)
		switch {
		case data != nil:
			return l.chunk(r, data), changed
		case errors.Is(err, errChanged):
			l.truncated(r, now)
			return nil, changed
		case !errors.Is(err, io.EOF):
			if !l.giveUp(r, err, now) {
				return nil, wait
			}
		case !l.ended(i, now):
			continue
		}
		if data := r.text.rest(); data != nil {
			return l.chunk(r, data), changed
		}
		l.finish(r)
		return nil, changed
	}
	return nil, atEnd
}

// ended says whether the open file at i, which is at its end, will not grow any more.
func (l *log) ended(i int, now time.Time) bool {
	r := l.open[i]
	if i < len(l.open)-1 {
		begun := l.open[i+1].end() > 0 // else the writer has not gone on there yet
		return r.kind != plain || begun && r.quietFor(l.cfg.Linger, now)
	}
	return r.kind == plain && now.Sub(r.since) >= goneLinger && !l.isCurrent()
}

// chunk makes data, of r, the chunk that is handed out.
func (l *log) chunk(r *reading, data []byte) *Chunk {
	l.from = r
	return &Chunk{Log: l.path, File: r.path, Offset: r.text.start, Line: r.text.line, Data: data, Lines: r.text.number, Gap: l.gap}
}

// commit says that the chunk that next returned is stored.
func (l *log) commit() {
	l.counts.lines.Add(uint64(l.from.text.number))
	l.counts.bytes.Add(uint64(l.from.text.taken))
	l.from.commit()
	l.from, l.gap, l.moved = nil, nil, true
}

// finish closes a file that was read to its end, and remembers that.
func (l *log) finish(r *reading) {
	r.Offset, r.Done = r.end(), true
	l.drop(r)
	if r.HeadBytes > 0 {
		l.done = append(l.done, r.mark)
	}
}

func (l *log) drop(r *reading) {
	l.moved = true
	r.close()
	l.open = slices.DeleteFunc(l.open, func(o *reading) bool { return o == r })
}

// giveUp deals with an error of reading, and says whether nothing more is to be hoped for: an archive is given up when it has not
// changed for a while, since it may still have been in the making.
func (l *log) giveUp(r *reading, err error, now time.Time) bool {
	reason := "read: " + err.Error()
	if r.kind == plain || !r.quietFor(goneLinger, now) {
		l.trouble(r.path, reason)
		return false
	}
	if !r.failed {
		l.lost(r.mark, reason, true)
	}
	r.failed = true
	return true
}

// truncated deals with a file that is not what it was: what was not read of it may stand in a copy.
func (l *log) truncated(r *reading, now time.Time) {
	l.counts.truncations.Add(1)
	l.drop(r)
	l.last = nil
	backups := l.lookAll(l.backups())
	defer closeAll(backups)
	for _, f := range backups {
		if r.HeadBytes > 0 && r.begins(f.head) && r.copiedTo(f) {
			l.begin(f, r.mark, now)
			l.lost(r.mark, truncatedCopy, false)
			return
		}
	}
	l.lost(r.mark, "it was truncated in place, and no copy of it is there", r.Offset < r.end())
}

// truncatedCopy is why a log that was copied and truncated is never proven to be complete.
const truncatedCopy = "it was truncated in place; a copy is read to its end, but what was written after it was made is in neither"

// begin goes on in f at m.
func (l *log) begin(f *found, m mark, now time.Time) {
	r := newReading(l.cfg, f, m, now)
	r.text.tell = func(line int64, data []byte, reason string) { l.fault(r.path, line, data, reason) }
	l.open = append(l.open, r)
	l.last, l.moved = &r.mark, true
	delete(l.told, f.path)
}

// lost tells that lines may be missing behind a place.
func (l *log) lost(at mark, reason string, sure bool) {
	g := Gap{Log: l.path, File: at.Path, Offset: at.Offset, Reason: reason, Sure: sure}
	l.counts.gaps.Add(1)
	l.gap = &g
	l.cfg.Gap(g)
}

// maxTold is for how many files of a log it is remembered which trouble was told.
const maxTold = 256

// trouble tells what keeps a file from being read, once.
func (l *log) trouble(path, reason string) {
	if l.told[path] == reason {
		return
	}
	if len(l.told) >= maxTold {
		clear(l.told)
	}
	l.told[path] = reason
	l.fault(path, 0, nil, reason)
}

func (l *log) fault(path string, line int64, data []byte, reason string) {
	l.counts.faults.Add(1)
	l.cfg.Fault(event.Fault{Origin: path, Line: line, Reason: reason, Data: slices.Clone(data[:min(len(data), keepBytes)])})
}

// marks are the places that the state file keeps.
func (l *log) marks() []mark {
	if l.saved != nil {
		return l.saved
	}
	out := slices.Clone(l.done)
	for _, r := range l.open {
		out = append(out, r.mark)
	}
	return out
}

func (l *log) close() {
	for _, r := range l.open {
		r.close()
	}
	l.open = nil
}
