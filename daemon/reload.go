package daemon

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/tlsfiles"
)

// reload is something that can be read again while it is used. Where that fails, what was in force stays so.
type reload struct {
	name  string
	read  func() error
	paths []string          // files and folders in which a change is noticed
	known [sha256.Size]byte // what was in them when they were read last
}

// certificates are watched by themselves.
type certificates struct {
	name  string
	files *tlsfiles.Files
}

// lookEvery is how often files are looked at for changes. Folders that Kubernetes mounts change by a link, which a look notices
// as well.
const lookEvery = 5 * time.Second

// reloads is what can be read again.
type reloads struct {
	all          []*reload
	certificates []certificates

	mu     sync.Mutex
	failed map[string]bool // guarded by mu: names of what could not be read the last time
}

// note notes how reading something again went.
func (r *reloads) note(name string, failed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !failed {
		delete(r.failed, name)
		return
	}
	if r.failed == nil {
		r.failed = map[string]bool{}
	}
	r.failed[name] = true
}

// anyFailed says whether something could not be read the last time that it was tried.
func (r *reloads) anyFailed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failed) > 0
}

// add adds something that is read again at SIGHUP, and when what is in paths changes.
func (r *reloads) add(name string, read func() error, paths ...string) {
	r.all = append(r.all, &reload{name, read, paths, contentOf(paths)})
}

// addCertificates adds certificates, which are read again at the same times.
func (r *reloads) addCertificates(name string, files *tlsfiles.Files) {
	r.add(name, files.Reload)
	r.certificates = append(r.certificates, certificates{name, files})
}

// watchReloads reads everything again at SIGHUP, and what has changed when it has, until ctx is done.
func (d *Daemon) watchReloads(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	var watching sync.WaitGroup
	defer watching.Wait()
	for _, c := range d.reloads.certificates {
		watching.Go(func() { c.files.Watch(ctx, lookEvery, func(err error) { d.tellReload(c.name, err) }) })
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-hup:
			d.reload(func(*reload) bool { return true })
		case <-tick.C:
			d.reload((*reload).changed)
		case <-ctx.Done():
			return nil
		}
	}
}

// reload reads again what is due, and tells what came of it.
func (d *Daemon) reload(due func(*reload) bool) {
	for _, r := range d.reloads.all {
		if due(r) {
			r.known = contentOf(r.paths)
			d.tellReload(r.name, r.read())
		}
	}
}

// changed says whether something else is in the paths.
func (r *reload) changed() bool { return len(r.paths) > 0 && contentOf(r.paths) != r.known }

// tellReload tells what came of reading something again.
func (d *Daemon) tellReload(name string, err error) {
	d.reloads.note(name, err != nil)
	if err != nil {
		d.s.Log.Error("reading again failed: what was in force stays so", "what", name, "error", err.Error())
		return
	}
	d.s.Log.Info("read again", "what", name)
}

// contentOf sums up what can be read below paths, so that any change of it shows.
func contentOf(paths []string) [sha256.Size]byte {
	h := sha256.New()
	for _, path := range paths {
		_ = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				h.Write([]byte(name))
				h.Write(regularFile(name))
			}
			return nil
		})
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// regularFile returns what stands in a file, nothing where it is none: a pipe would be read to its end, or for ever.
func regularFile(name string) []byte {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return data
}
