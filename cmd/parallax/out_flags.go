package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/jsonl"
	"github.com/parallax-sec/parallax/sinks/text"
)

// outFlags say where alerts go and in which form.
type outFlags struct{ output, out string }

func (f *outFlags) addTo(cmd *cobra.Command, outHelp string) {
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "json (one ECS document a line) or text; default text on a terminal, else json")
	cmd.Flags().StringVar(&f.out, "out", "", outHelp)
}

// checkForm refuses a form that there is not.
func (f *outFlags) checkForm() error {
	switch f.output {
	case "json", "text", "":
		return nil
	}
	return usageError("--output %q: want json or text", f.output)
}

// text says whether alerts are written for people; terminal that standard output is shown to one.
func (f *outFlags) text(terminal bool) bool {
	return f.output == "text" || f.output == "" && terminal && f.out == ""
}

// openSink opens what the flags name. A file is opened with how: os.O_TRUNC or os.O_APPEND.
func (a *app) openSink(f *outFlags, how int) (sinks.Sink, error) {
	var w io.WriteCloser = keepOpen{a.out}
	switch {
	case f.out != "" && how == os.O_APPEND && !f.text(a.outTerminal):
		return jsonl.Open(f.appended(slog.New(slog.NewTextHandler(a.err, nil))))
	case f.out != "":
		file, err := os.OpenFile(f.out, os.O_WRONLY|os.O_CREATE|how, 0o600) // alerts tell much about a cluster
		if err != nil {
			return nil, fmt.Errorf("open output: %w", err)
		}
		w = file
	}
	if !f.text(a.outTerminal) {
		return jsonl.New(w), nil
	}
	return text.New(text.Config{Colour: f.out == "" && a.outTerminal && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"}, w), nil
}

// appended says how the file is kept that JSON lines are appended to. What is told on standard error is told by log.
func (f *outFlags) appended(log *slog.Logger) jsonl.Config {
	cfg := jsonl.DefaultConfig()
	cfg.File, cfg.Sync, cfg.Log = f.out, "1s", log // alerts that were not acknowledged to anybody need not wait for the disk
	return cfg
}

// keepOpen is standard output, which is not closed.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }
