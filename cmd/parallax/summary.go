package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
	"github.com/parallax-sec/parallax/pipeline"
)

// summary is what a replay tells at its end.
type summary struct {
	pipeline.Report
	detector.Stats
	elapsed     time.Duration
	interrupted bool
	lost        []bpf.Lost // of the kernel, when it was recorded
	full        []bpf.Lost // what was found no room for in reading that
	seen        *audit.Seen
	titles      map[string]string // name of each rule, by its key
}

// print writes the summary for people.
func (s *summary) print(w io.Writer) {
	if s.interrupted {
		fmt.Fprintln(w, "interrupted: what follows is about the input up to there")
	}
	fmt.Fprintln(w, s.eventsLine())
	if s.Faults > 0 {
		fmt.Fprintf(w, "%s, left out\n", counted(s.Faults, "bad line", "bad lines"))
	}
	printSeen(w, s.seen)
	printLost(w, s.lost, " when the kernel was recorded")
	printLost(w, s.full, " for lack of room")
	if s.Late > 0 {
		fmt.Fprintf(w, "%s too late for a place in time order (marked late)\n", counted(s.Late, "match", "matches"))
	}
	if s.Repeated > 0 {
		fmt.Fprintf(w, "%s no alert again: later stages of the same request, events read twice\n", counted(s.Repeated, "match gave", "matches gave"))
	}
	if s.Forgotten > 0 {
		fmt.Fprintf(w, "%s too long ago to be remembered: repeated, they were given out again\n", counted(s.Forgotten, "alert", "alerts"))
	}
	s.printAlerts(w)
}

// printAlerts writes how many alerts there were, of which rules.
func (s *summary) printAlerts(w io.Writer) {
	fmt.Fprintln(w, s.alertsLine())
	for _, key := range s.rulesByCount() {
		fmt.Fprintf(w, "%9s  %s\n", grouped(s.ByRule[key]), s.ruleName(key))
	}
}

// reached says whether an alert was at least as severe as a bound; 0 is none.
func (s *summary) reached(severity int) bool {
	for of := range s.BySeverity {
		if severity != 0 && of >= severity {
			return true
		}
	}
	return false
}

func (s *summary) eventsLine() string {
	line := counted(s.Events, "event", "events")
	if s.Events > 0 {
		first, last := time.Unix(0, s.FirstNs).UTC(), time.Unix(0, s.LastNs).UTC()
		line += fmt.Sprintf(" from %s to %s", first.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	return line + fmt.Sprintf(", read in %.2f s: %s events/s", s.elapsed.Seconds(), grouped(perSecond(s.Events, s.elapsed)))
}

func (s *summary) alertsLine() string {
	line := counted(s.Alerts, "alert", "alerts")
	sep := ": "
	for _, severity := range []int{event.SeverityCritical, event.SeverityHigh, event.SeverityMedium, event.SeverityLow} {
		if n := s.BySeverity[severity]; n > 0 {
			line += sep + grouped(n) + " " + event.SeverityName(severity)
			sep = ", "
		}
	}
	return line
}

// rulesByCount returns the keys of the rules that gave alerts, the one with most first.
func (s *summary) rulesByCount() []string {
	return slices.SortedFunc(maps.Keys(s.ByRule), func(a, b string) int {
		if s.ByRule[a] != s.ByRule[b] {
			return int(s.ByRule[b]) - int(s.ByRule[a])
		}
		return strings.Compare(a, b)
	})
}

func (s *summary) ruleName(key string) string {
	key, title := event.Escape(key), event.Escape(s.titles[key])
	if title == "" || title == key {
		return key
	}
	return fmt.Sprintf("%-4s %s", key, title)
}

// printSeen writes what of other logs stood among the events, and what those events do not tell because of what they came in.
func printSeen(w io.Writer, seen *audit.Seen) {
	if seen == nil {
		return
	}
	for o := range envelope.Other(envelope.NumOther) {
		if n := seen.Others(o); n > 0 {
			fmt.Fprintf(w, "%s left out: %s\n", counted(n, "piece", "pieces"), o)
		}
	}
	for k := range envelope.Kind(envelope.NumKinds) {
		if n := seen.Events(k); n > 0 && k.Lost() != "" {
			fmt.Fprintf(w, "%s from %s, without %s\n", counted(n, "event", "events"), k, k.Lost())
		}
	}
}
