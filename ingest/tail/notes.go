package tail

import "github.com/fsnotify/fsnotify"

// notes are the kernel's notes that files have changed. The zero notes have none: then files are looked at every Config.Poll,
// as they are anyway.
type notes struct{ *fsnotify.Watcher }

// listen begins to take notes.
func (t *Tail) listen() notes {
	if t.cfg.PollOnly {
		return notes{}
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return notes{} // no watches left (fs.inotify.max_user_instances); Stats tells
	}
	t.notified.Store(true)
	return notes{w}
}

// add asks for notes about the files in directories. It is asked again and again, since they may have been replaced; one that is
// not there yet is polled.
func (n notes) add(dirs []string) {
	for _, dir := range dirs {
		if n.Watcher != nil {
			_ = n.Add(dir)
		}
	}
}

// next gives the paths of files that have changed.
func (n notes) next() <-chan fsnotify.Event {
	if n.Watcher == nil {
		return nil
	}
	return n.Events
}

// trouble gives what went wrong: above all that notes were lost.
func (n notes) trouble() <-chan error {
	if n.Watcher == nil {
		return nil
	}
	return n.Errors
}

func (n notes) close() {
	if n.Watcher != nil {
		_ = n.Close()
	}
}
