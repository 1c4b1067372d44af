package main

import (
	"context"
	"errors"
	"io"

	"github.com/parallax-sec/parallax/doctor/auditlog"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/logfile"
)

// doctorAudit tells what audit logs let the rules see.
func (a *app) doctorAudit(ctx context.Context, f *ruleFlags, files []string, output string) error {
	set, err := a.loadRules(f)
	if err != nil {
		return err
	}
	survey, err := a.survey(ctx, files)
	if err != nil {
		return err
	}
	report := survey.Report(set.Rules())
	if output == "json" {
		err = writeIndented(a.out, report)
	} else {
		err = report.WriteText(a.out)
	}
	if err == nil && report.Events == 0 {
		return said(exitFailed)
	}
	return err
}

// survey reads logs.
func (a *app) survey(ctx context.Context, files []string) (*auditlog.Survey, error) {
	in, err := logfile.Open(logfile.DefaultConfig(), files, a.in)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	s, d := auditlog.New(), audit.NewDecoder()
	d.CountTo(s.Seen())
	for {
		b, err := in.Next(ctx)
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		for _, f := range b.Faults {
			s.Fault(f)
		}
		d.Decode(b, func(e event.Event) { s.Add(e.(*audit.Event)) }, s.Fault)
		b.Release()
	}
}
