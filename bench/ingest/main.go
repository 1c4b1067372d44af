// Command ingest measures what a whole `parallax run` takes from API servers: `make bench-ingest`.
//
// It starts the built binary as the command line of the documentation says, with the files of `parallax setup webhook`, a stream on
// disk that is synced before each answer, and the built-in rules. Clients send batches of 400 events, each event one of the log that
// ships with the project with an id of its own and the time of now, over HTTP/2 and TLS with a client certificate. An event
// counts as stored when its batch is answered 200, and as judged when the process has counted it (parallax_events_total). The
// mark is what an API server sends at most with the flags that it has by default: 10 batches of 400 a second, 4,000 events.
// Clients and server share the machine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"text/tabwriter"
	"time"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

// What an API server sends at most with the flags that it has by default (k8s.io/apiserver, server/options/audit.go:
// defaultBatchThrottleQPS, defaultBatchMaxSize).
const (
	ceilingBatches = 10
	batchEvents    = 400
	ceilingEvents  = ceilingBatches * batchEvents
)

type options struct {
	binary  string
	log     string
	clients int
	length  time.Duration
	events  []auditlog.Template // all of the log
	quiet   []auditlog.Template // those for which no rule holds
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/parallax", "built parallax")
	flag.StringVar(&o.log, "log", "examples/audit/sample.log", "real audit log that the events are made of")
	flag.IntVar(&o.clients, "clients", 8, "batches under way at the same time, where it goes as fast as it can")
	flag.DurationVar(&o.length, "for", 15*time.Second, "how long each measurement sends")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-ingest:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options) error {
	var err error
	if o.events, err = auditlog.Read(o.log); err != nil {
		return err
	}
	if o.quiet, err = quiet(ctx, o); err != nil {
		return err
	}
	fmt.Printf("%s, %d cores for clients and server; batches of %d events\n\n", runtime.Version(), runtime.NumCPU(), batchEvents)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\tevents\tstored/s\tjudged/s\tof %d/s\tanswer ms: median\tp99\tlargest\tCPU µs/event\tpeak RSS MB\t\n", ceilingEvents)
	for _, m := range []struct {
		name   string
		events []auditlog.Template
		load   load
	}{
		{"one API server at its ceiling", o.events, load{clients: 16, every: time.Second / ceilingBatches}},
		{"one client, as fast as it can", o.events, load{clients: 1}},
		{fmt.Sprintf("%d clients, as fast as they can", o.clients), o.events, load{clients: o.clients}},
		{"the same, events that no rule holds for", o.quiet, load{clients: o.clients}},
	} {
		m.load.length = o.length
		r, err := measure(ctx, o.binary, m.events, m.load)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		r.row(t, m.name)
	}
	return t.Flush()
}
