package tlsfiles

import (
	"context"
	"time"
)

// Watch looks at the files at each interval until ctx ends, and takes what is new into force. After each attempt tell is called: nil where the
// new set is in force, else why the last good one stays. The same fault is told once.
func (f *Files) Watch(ctx context.Context, interval time.Duration, tell func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if attempted, err := f.look(); attempted {
				tell(err)
			}
		}
	}
}

func (f *Files) look() (attempted bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read(false)
}
