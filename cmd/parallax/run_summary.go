package main

import (
	"fmt"
	"io"
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// liveSummary is what a run of the sensor tells at its end.
type liveSummary struct {
	summary
	sensor sensor.Stats
}

// print writes the summary for people.
func (s *liveSummary) print(w io.Writer) {
	fmt.Fprintf(w, "%s in %s, from %s of the kernel\n",
		counted(s.Events, "event", "events"), s.elapsed.Round(time.Second), counted(s.sensor.Records, "record", "records"))
	if s.Faults > 0 {
		fmt.Fprintf(w, "%s of the stream\n", counted(s.Faults, "fault", "faults"))
	}
	printLosses(w, &s.sensor)
	s.printAlerts(w)
}

// printLosses tells what is not in the stream, or not in full.
func printLosses(w io.Writer, s *sensor.Stats) {
	printLost(w, s.Lost, "")
	if n := s.Nameless + s.HoldFull; n > 0 {
		fmt.Fprintf(w, "%s without names at first: the runtime's files were not there in time\n", counted(n, "container", "containers"))
	}
}
