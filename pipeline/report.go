package pipeline

import "github.com/parallax-sec/parallax/event"

// Report counts what a run has seen and given out.
type Report struct {
	Events          uint64
	FirstNs, LastNs int64  // the smallest and the largest event time; not set where Events is 0
	Faults          uint64 // pieces of input that could not be read
	Matches         uint64 // of all rules
	Late            uint64 // matches that came when their place in event-time order had been given out

	// Alerts that went to the sink: all, by severity, by Rule.Key.
	Alerts     uint64
	BySeverity map[int]uint64
	ByRule     map[string]uint64
	Plain      uint64 // events that went to the sink as they are
}

func newReport() Report {
	return Report{BySeverity: map[int]uint64{}, ByRule: map[string]uint64{}}
}

func (r *Report) addJob(j *job) {
	if j.Events == 0 {
		return
	}
	if r.Events == 0 {
		r.FirstNs, r.LastNs = j.FirstNs, j.LastNs
	}
	r.FirstNs, r.LastNs = min(r.FirstNs, j.FirstNs), max(r.LastNs, j.LastNs)
	r.Events += j.Events
}

func (r *Report) addMatch(late bool) {
	r.Matches++
	if late {
		r.Late++
	}
}

func (r *Report) addAlert(a *event.Alert) {
	if a.Plain {
		r.Plain++
		return
	}
	r.Alerts++
	r.BySeverity[a.Severity]++
	r.ByRule[a.Rule.Key()]++
}
