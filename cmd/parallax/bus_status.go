package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/event"
	"github.com/spf13/cobra"
)

// busStatusFlags are the flags of bus status.
type busStatusFlags struct {
	file, data, output string
	bus                config.Bus
	wait               time.Duration
}

func (a *app) busStatusCommand() *cobra.Command {
	f := &busStatusFlags{}
	cmd := &cobra.Command{
		Use:   "status --data DIR | --url URL | --config FILE",
		Short: "Tell what the streams hold, what waits, and how much room there is",
		Long: `Status tells, of each stream, how many messages it holds, how much of its room they take and since when; of each sink, how many alerts
wait for it; and how many batches the detector has not judged. Of a folder it asks the process that runs there, or looks at what
lies there when none runs.

Exit status: 0 told; 1 the streams cannot be reached; 2 wrong usage or configuration.`,
		Example: `  parallax bus status --data state
  parallax bus status --url tls://nats-0:4222 --ca ca.crt --nkey hub.nk --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.busStatus(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.data, "data", "", "`folder` that parallax run or hub keeps its streams in")
	flags.StringSliceVar(&f.bus.URLs, "url", nil, "`URL` of a server of a NATS cluster (repeatable)")
	flags.StringVar(&f.bus.CredsFile, "creds", "", "`file` with credentials for the cluster")
	flags.StringVar(&f.bus.NKeyFile, "nkey", "", "`file` with an NKey seed for the cluster")
	flags.StringVar(&f.bus.CA, "ca", "", "`file` of who signed the servers' certificates")
	flags.StringVar(&f.bus.Cert, "cert", "", "`file` with a client certificate")
	flags.StringVar(&f.bus.Key, "key", "", "`file` with its key")
	flags.StringVar(&f.file, "config", "", "`file` with the configuration of the hub, instead of these")
	flags.StringVar(&f.output, "output", "text", "text or json")
	flags.DurationVar(&f.wait, "timeout", 15*time.Second, "how long to wait for an answer")
	return cmd
}

func (a *app) busStatus(ctx context.Context, f *busStatusFlags) error {
	if f.output != "text" && f.output != "json" {
		return usageError("--output %q: want text or json", f.output)
	}
	if err := f.load(); err != nil {
		return err
	}
	if (f.data == "") == (len(f.bus.URLs) == 0) {
		return usageError("either --data or --url is needed")
	}
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	status, err := f.ask(ctx, slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelError})))
	if err != nil {
		return err
	}
	if f.output == "json" {
		return json.NewEncoder(a.out).Encode(status)
	}
	return printStatus(a.out, &status, time.Now())
}

// load takes from the configuration what no flag says.
func (f *busStatusFlags) load() error {
	if f.file == "" {
		return nil
	}
	c := config.Default()
	if err := c.Load(f.file); err != nil {
		return &statusError{code: exitUsage, err: err}
	}
	if err := c.Environ(os.Environ()); err != nil {
		return &statusError{code: exitUsage, err: err}
	}
	if f.bus, f.data = c.Bus, c.Data; len(f.bus.URLs) > 0 {
		f.data = ""
	}
	return nil
}

// ask asks the process in the folder, or the cluster.
func (f *busStatusFlags) ask(ctx context.Context, log *slog.Logger) (bus.Status, error) {
	if f.data != "" {
		return bus.ReadStatus(ctx, f.data, log)
	}
	auth, err := busAuth(&f.bus)
	if err != nil {
		return bus.Status{}, err
	}
	return bus.ReadClusterStatus(ctx, f.bus.URLs, auth, log)
}

// printStatus writes the status as tables.
func printStatus(out io.Writer, s *bus.Status, now time.Time) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "server\t%s\n", event.Escape(s.Server))
	if s.Disk != nil {
		fmt.Fprintf(w, "disk\t%s free of %s%s\n", size(float64(s.Disk.Free)), size(float64(s.Disk.Total)), map[bool]string{true: ", FULL: nothing is taken"}[s.Disk.Full])
	}
	fmt.Fprintf(w, "active hub\t%s\n", event.Escape(orNone(s.Leader)))
	fmt.Fprintf(w, "detector\tat %d, %s behind\n", s.Checkpoint.Seq, counted(s.Behind, "batch", "batches"))
	fmt.Fprintf(w, "\nSTREAM\tMESSAGES\tSIZE\tOF\tFULL\tSINCE\tLAST\tCOPIES\n")
	for _, st := range s.Streams {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s%s\n", st.Name, grouped(st.Messages), size(float64(st.Bytes)), size(float64(st.MaxBytes)), percent(st.Bytes, st.MaxBytes),
			ago(now, st.FirstTime), ago(now, st.LastTime), copies(&st), lost(&st))
	}
	if len(s.Sinks) > 0 {
		fmt.Fprintf(w, "\nSINK\tWAITING\tHELD\n")
	}
	for _, sink := range s.Sinks {
		fmt.Fprintf(w, "%s\t%s\t%d\n", event.Escape(sink.Name), grouped(sink.Waiting), sink.Held)
	}
	return w.Flush()
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func percent(n uint64, of int64) string {
	if of <= 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', 1, 64) + " %"
}

// ago writes how long ago something was, - where it never was.
func ago(now, at time.Time) string {
	if at.Unix() <= 0 {
		return "-"
	}
	d := now.Sub(at)
	if d < time.Minute {
		return d.Round(100*time.Millisecond).String() + " ago"
	}
	return d.Round(time.Second).String() + " ago"
}

func copies(s *bus.StreamStatus) string {
	if s.Replicas <= 1 {
		return "1"
	}
	return fmt.Sprintf("%d of %d", s.Current, s.Replicas)
}

func lost(s *bus.StreamStatus) string {
	if s.Lost == 0 {
		return ""
	}
	return ", " + counted(uint64(s.Lost), "message", "messages") + " DAMAGED"
}
