package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// closers are what is to be closed, the last one first.
type closers []func() error

func (c *closers) add(f func() error) { *c = append(*c, f) }

// close closes all, once.
func (c *closers) close() error {
	var err error
	for i := len(*c) - 1; i >= 0; i-- {
		err = errors.Join(err, (*c)[i]())
	}
	*c = nil
	return err
}

// openSensor loads the sensor and returns its stream.
func (a *app) openSensor(cfg sensor.Config, f *sensorFlags, open *closers) (*sensor.Source, error) {
	parser, err := f.parser()
	if err != nil {
		return nil, err
	}
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	open.add(files.Close)
	s, err := bpf.Load(f.config())
	if err != nil {
		return nil, err
	}
	open.add(s.Close)
	cfg.NodeName, cfg.Version = f.nodeName(a.env), buildVersion()
	if f.state != "" {
		cfg.Sessions = sensor.State{Path: f.state}.Load
	}
	return sensor.New(cfg, s, sensor.NodeClock{}, sensor.NewNode(files, parser, f.host)), nil
}

// readyLine is the line that begins with ready; before it another one, where something is not watched at all.
func readyLine(s *kernel.Start, more string) string {
	var missing []string
	for _, h := range s.Hooks {
		if h.Mechanism == "" {
			missing = append(missing, h.Name)
		}
	}
	line := fmt.Sprintf("ready: kernel sensor on %s, %d of %d hooks, %s", event.Escape(s.Node), len(s.Hooks)-len(missing), len(s.Hooks), more)
	if len(missing) > 0 {
		return "not watched, since this kernel has no way for it ('parallax doctor' tells more): " + strings.Join(missing, ", ") + "\n" + line
	}
	return line
}
