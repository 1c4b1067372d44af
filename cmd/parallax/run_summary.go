package main

import (
	"fmt"
	"io"
	"time"

	"github.com/parallax-sec/parallax/daemon"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/pipeline"
)

// printOutcome writes what a daemon tells at its end, for people.
func printOutcome(w io.Writer, o *daemon.Outcome, titles map[string]string) {
	elapsed := o.Elapsed.Round(time.Second)
	if o.Sensor != nil {
		fmt.Fprintf(w, "%s in %s, from %s of the kernel\n",
			counted(o.Node.Events, "event", "events"), elapsed, counted(o.Sensor.Records, "record", "records"))
		printLosses(w, o.Sensor)
	}
	if o.Hub.Events > 0 || o.Sensor == nil {
		fmt.Fprintf(w, "%s in %s, from API servers, logs and Falco\n", counted(o.Hub.Events, "event", "events"), elapsed)
	}
	if n := o.Node.Faults + o.Hub.Faults; n > 0 {
		fmt.Fprintf(w, "%s that could not be read\n", counted(n, "piece", "pieces"))
	}
	g := &o.Given
	s := summary{Report: pipeline.Report{Alerts: g.Alerts, BySeverity: g.BySeverity, ByRule: g.ByRule}, titles: titles}
	s.printAlerts(w)
}

// reached says whether an alert was at least as severe as a bound; 0 is none.
func reached(bySeverity map[int]uint64, severity int) bool {
	s := summary{Report: pipeline.Report{BySeverity: bySeverity}}
	return s.reached(severity)
}

// printLosses tells what is not in the stream, or not in full.
func printLosses(w io.Writer, s *sensor.Stats) {
	printLost(w, s.Lost, "")
	if n := s.Nameless + s.HoldFull; n > 0 {
		fmt.Fprintf(w, "%s without names at first: the runtime's files were not there in time\n", counted(n, "container", "containers"))
	}
}

// readyLine is the line that begins with ready; before it another one, where something is not watched at all.
func readyLine(s *kernel.Start, more string) string {
	missing, watched := daemon.SensorLines(s)
	if missing != "" {
		missing += "\n"
	}
	return missing + "ready: " + watched + ", " + more
}
