package tail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// advance opens the file that comes next, where there is one: all that is open is at its end.
func (l *log) advance(now time.Time) bool {
	if l.isCurrent() {
		return false
	}
	all, steady := l.files(l.last)
	defer closeAll(all)
	if l.fresh {
		l.start(all, now)
	} else if !steady {
		return false
	}
	l.forget(all)
	i := slices.IndexFunc(all, func(f *found) bool { return len(f.head) > 0 && !l.known(f) })
	if i < 0 {
		return false
	}
	if l.last != nil && !slices.ContainsFunc(all, l.last.is) {
		l.lost(*l.last, "it is gone, and others may have come and gone behind it", false)
	}
	l.follow(all[i], now)
	return true
}

// follow goes on in a file that is new, behind those that are open.
func (l *log) follow(f *found, now time.Time) {
	if len(l.open) > 0 {
		l.counts.rotations.Add(1)
		l.open[len(l.open)-1].since = now
	}
	l.begin(f, mark{}, now)
}

// isCurrent says whether the file that was begun last is still the live one.
func (l *log) isCurrent() bool {
	if len(l.open) == 0 {
		return false
	}
	r := l.open[len(l.open)-1]
	dev, ino, ok := inode(l.path)
	return ok && r.kind == plain && dev == r.Dev && ino == r.Ino
}

// files are the files of the log, the oldest first and the live one last, open. The live file is opened before the backups are
// listed: one that was put aside in between is then found among them. Those where marks say come first, in case that the name
// does not tell them to be backups. steady is false where files were renamed meanwhile, so that some may be missing.
func (l *log) files(marks ...*mark) (all []*found, steady bool) {
	changed := l.changed()
	live := l.look(l.path)
	backups := l.backups()
	isBackup := func(path string) bool {
		return slices.ContainsFunc(backups, func(b backupFile) bool { return b.path == path })
	}
	for _, m := range marks {
		if m != nil && m.Path != l.path && !isBackup(m.Path) {
			if f := l.look(m.Path); f != nil {
				all = append(all, f)
			}
		}
	}
	all = append(all, l.lookAll(backups)...)
	if live != nil {
		all = append(all, live)
	}
	return all, l.steady(changed)
}

// changed is when the directories of the log were last changed: when a file in them was made, renamed or deleted.
func (l *log) changed() (last time.Time) {
	for _, dir := range dirsOf(l.path) {
		if info, err := os.Stat(dir); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// maxUnsteady is how long a directory may go on changing before its files are taken as they are found.
const maxUnsteady = 2 * time.Second

// steady says whether what was listed is all there is: the directories, last changed then, are so still, and that was long enough
// ago for a further change to have another time.
func (l *log) steady(then time.Time) bool {
	now := time.Now()
	if age := now.Sub(then); l.changed().Equal(then) && (age >= l.cfg.settle || age < -l.cfg.settle) {
		l.unsteadySince = time.Time{}
		return true
	}
	if l.unsteadySince.IsZero() {
		l.unsteadySince = now
	}
	l.unsteady = now.Sub(l.unsteadySince) < maxUnsteady
	return !l.unsteady
}

// look is look, nil where there is no file or it cannot be read, which is told.
func (l *log) look(path string) *found {
	f, err := look(path)
	switch {
	case err == nil && f.kind != plain && len(f.head) == 0:
		l.trouble(path, "it is compressed and cannot be decompressed")
	case err == nil:
		return f
	case !errors.Is(err, fs.ErrNotExist):
		l.trouble(path, "open: "+err.Error())
	}
	f.close()
	return nil
}

// known says whether f was begun already.
func (l *log) known(f *found) bool {
	in := func(m mark) bool { return m.in(f) }
	return slices.ContainsFunc(l.done, in) || slices.ContainsFunc(l.open, func(r *reading) bool { return in(r.mark) })
}

// start decides what to begin with where there is no state.
func (l *log) start(all []*found, now time.Time) {
	l.fresh = false
	for _, f := range all {
		live := f.path == l.path
		if l.cfg.Start == StartOldest || live && l.cfg.Start == StartLive || len(f.head) == 0 {
			continue
		}
		m := mark{Dev: f.dev, Ino: f.ino, Offset: f.size, Done: !live}
		m.learn(f.head)
		if !live {
			l.done = append(l.done, m)
			continue
		}
		m.Cut = !f.endsLine()
		l.begin(f, m, now)
	}
}

// keepDone is how many files that were read are remembered even where they are not to be seen: a directory that is read while
// files in it are renamed may hide some.
const keepDone = 64

// forget forgets files that were read and are gone.
func (l *log) forget(all []*found) {
	if len(l.done) <= keepDone {
		return
	}
	l.done = slices.DeleteFunc(l.done, func(m mark) bool { return !slices.ContainsFunc(all, m.in) })
}

// resume goes on where the state says; false where it is to be tried again.
func (l *log) resume(now time.Time) bool {
	marks := l.saved
	var open []*mark
	for i := range marks {
		if !marks[i].Done {
			open = append(open, &marks[i])
		}
	}
	all, steady := l.files(open...)
	defer closeAll(all)
	if !steady {
		return false
	}
	l.saved = nil
	for _, m := range marks {
		if m.Done {
			l.done = append(l.done, m)
			continue
		}
		i := m.findIn(all)
		if i < 0 {
			l.last = nil
			l.lost(m, "it is gone, or was truncated in place, since it was read", false)
			continue
		}
		f := all[i]
		l.begin(f, m, now)
		if f.kind == plain && !m.isInode(f) {
			l.lost(m, truncatedCopy, false)
		}
	}
	return true
}

// lookAll looks at backups. An archive beside the file that it is made of is left out: it may not be whole yet. It is looked at
// after that file, which may be gone by then.
func (l *log) lookAll(backups []backupFile) []*found {
	var out []*found
	stem := ""
	for _, b := range backups {
		if b.Stem == stem {
			continue
		}
		if f := l.look(b.path); f != nil {
			out, stem = append(out, f), b.Stem
		}
	}
	return out
}

func closeAll(all []*found) {
	for _, f := range all {
		f.close()
	}
}

// backups are the backups of the log, the oldest first: those beside the log, and where it is a symbolic link, those beside what
// it leads to.
func (l *log) backups() []backupFile {
	all := l.backupsBeside(l.path)
	if target := realPath(l.path); target != l.path {
		for _, b := range l.backupsBeside(target) {
			if !slices.Contains(all, b) {
				all = append(all, b)
			}
		}
	}
	sortBackups(all)
	return all[max(0, len(all)-maxBackups):]
}

// maxBackups is how many backups of a log are looked at: the newest ones.
const maxBackups = 1000

func (l *log) backupsBeside(path string) (out []backupFile) {
	dir, base := filepath.Split(path)
	eachName(dir, func(name string) {
		if n, ok := l.cfg.Backup(name); ok && n.Log == base {
			out = append(out, backupFile{filepath.Join(dir, name), n})
		}
	})
	return out
}

// eachName calls f with the names in a directory.
func eachName(dir string, f func(name string)) {
	if dir == "" {
		dir = "."
	}
	d, err := os.Open(dir)
	if err != nil {
		return
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(1024)
		for _, n := range names {
			f(n)
		}
		if err != nil {
			return
		}
	}
}
