package daemon

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

// reload is something that can be read again while it is used. Where that fails, what was in force stays so.
type reload struct {
	name string
	read func() error
}

// lookEvery is how often files are looked at for changes. Folders that Kubernetes mounts change by a link, which a look notices
// as well.
const lookEvery = 5 * time.Second

// reloads counts what was read again.
type reloads struct {
	all    []reload
	failed atomic.Bool // the last time, something could not be read
}

// add adds something that is read again at SIGHUP.
func (r *reloads) add(name string, read func() error) { r.all = append(r.all, reload{name, read}) }

// watchReloads reads everything again at SIGHUP, and when what stands in the files that rules are read from has changed, until ctx is
// done.
func (d *Daemon) watchReloads(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	known := contentOf(d.cfg.Rules.Files)
	for {
		select {
		case <-hup:
			known = contentOf(d.cfg.Rules.Files)
			d.reload(append(slices.Clone(d.reloads.all), reload{"the rules", d.reloadRules}))
		case <-tick.C:
			if now := contentOf(d.cfg.Rules.Files); now != known {
				known = now
				d.reload([]reload{{"the rules", d.reloadRules}})
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// reload reads some things again and tells what came of it.
func (d *Daemon) reload(all []reload) {
	var failed error
	for _, r := range all {
		if err := r.read(); err != nil {
			d.s.Log.Error("reading again failed: what was in force stays so", "what", r.name, "error", err.Error())
			failed = errors.Join(failed, err)
			continue
		}
		d.s.Log.Info("read again", "what", r.name)
	}
	d.reloads.failed.Store(failed != nil)
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
