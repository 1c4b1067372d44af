package sinks

// window is how many alerts go into one Write. A batch that comes to nothing halves it, so that a bad alert is found in few attempts
// and a server that is down is asked for little; what is taken doubles it, up to a limit. The limit is what the server was last found to take at once; it grows by one with each success,
// so that a server that takes little is not tried with too much every other time.
type window struct{ size, limit, most int }

func newWindow(most int) window { return window{most, most, most} }

// refused notes that n alerts, more than one, were refused.
func (w *window) refused(n int, tooLarge bool) {
	w.size = n / 2
	if tooLarge {
		w.limit = w.size
	}
}

// failed notes that nothing of n alerts was taken, for whatever reason.
func (w *window) failed(n int) { w.size = max(1, n/2) }

// taken notes that a Write went through.
func (w *window) taken() {
	w.limit = min(w.limit+1, w.most)
	w.size = min(2*w.size, w.limit)
}
