package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"syscall"

	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/daemon"
	"github.com/parallax-sec/parallax/event"
)

// runDaemon runs a role and tells what came of it.
func (a *app) runDaemon(ctx context.Context, cfg config.Config, role daemon.Role) error {
	failOn, err := severityFlag("fail-on", cfg.Output.FailOn)
	if err != nil {
		return err
	}
	if cfg.Webhook.Listen == "" && cfg.Webhook.Dir != "" {
		cfg.Webhook.Listen = defaultWebhookListen
	}
	s, closeTape, err := a.surroundings(&cfg)
	if err != nil {
		return err
	}
	d, err := daemon.New(ctx, cfg, role, s)
	if err != nil {
		return errors.Join(configured(err), closeTape())
	}
	outcome, err := d.Run(ctx)
	err = errors.Join(err, closeTape())
	if errors.Is(err, syscall.EPIPE) {
		err = nil // whoever read the alerts has seen enough
	}
	printOutcome(a.err, &outcome, d.Titles())
	if err == nil && reached(outcome.Given.BySeverity, failOn) {
		return said(exitAlert)
	}
	return err
}

// configured gives what is wrong with the configuration the exit status of wrong usage.
func configured(err error) error {
	if errors.Is(err, daemon.ErrConfig) {
		return usageError("%w", err)
	}
	return err
}

// surroundings are what a daemon needs of this process. closeTape ends the recording, where there is one.
func (a *app) surroundings(cfg *config.Config) (s daemon.Surroundings, closeTape func() error, err error) {
	screen := &screen{w: a.err}
	s = daemon.Surroundings{
		Stdout: a.out, StdoutTerminal: a.outTerminal, Colour: a.outTerminal && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb",
		Say: screen.println, Log: newLog(screenWriter{screen}, &cfg.Log), Getenv: a.env, Version: buildVersion(),
		LoadRules: func() (*daemon.RuleSet, error) {
			set, err := a.loadRules(rulesOf(cfg))
			if err != nil {
				return nil, err
			}
			return &daemon.RuleSet{Set: set.Set, Matching: set.matching}, nil
		},
	}
	if cfg.Sensor.RecordingFile == "" {
		return s, func() error { return nil }, nil
	}
	tape, err := a.createRecording(cfg.Sensor.RecordingFile, false)
	if err != nil {
		return s, nil, err
	}
	stop := tape.keepFlushing()
	s.Tape = tape
	return s, func() error { return errors.Join(stop(), tape.Close()) }, nil
}

// screenWriter writes log lines between those for people.
type screenWriter struct{ s *screen }

func (w screenWriter) Write(b []byte) (int, error) {
	line := b
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	w.s.println(string(line))
	return len(b), nil
}

// newLog returns a log in the form that is asked for. What stands in it may come from an attacker: the text form quotes it, and
// what a terminal would obey is escaped.
func newLog(w io.Writer, c *config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // checked by config
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
		switch v := attr.Value.Any().(type) {
		case string:
			attr.Value = slog.StringValue(event.Escape(v))
		case error:
			attr.Value = slog.StringValue(event.Escape(v.Error()))
		}
		return attr
	}}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
