package main

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/config"
)

func (a *app) recordCommand() *cobra.Command {
	f := &recordFlags{sensor: config.Default().Sensor}
	cmd := &cobra.Command{
		Use:   "record -o FILE",
		Short: "Write what the kernel sensor sees to a file that replay reads",
		Long: `Record loads the kernel sensor and writes its stream to a file: what the kernel tells of the containers of this machine,
what was looked up about them, what was lost. 'parallax replay FILE' gives the events and alerts of it, with the same ids
as 'parallax run' would have given. It needs root, as run does.

Each second what has come is handed to the operating system, so that whatever ends the program, the file can be read up to
there. An interrupt (Ctrl-C) ends the recording; a second one ends at once.`,
		Example: `  parallax record -o node.plx
  parallax record -o node.plx --duration 10m --host
  parallax replay node.plx audit.log`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.newRecord(f)
			if err != nil {
				return err
			}
			return r.run(cmd.Context())
		},
	}
	f.addTo(cmd)
	return cmd
}

// recordFlags are the flags of record, as they were written.
type recordFlags struct {
	sensor   config.Sensor
	out      string
	duration time.Duration
	force    bool
}

func (f *recordFlags) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.out, "output", "o", "", "`file` to write, or - for standard output")
	flags.DurationVar(&f.duration, "duration", 0, "how long to record; default until an interrupt")
	flags.BoolVar(&f.force, "force", false, "replace a file that is there")
	addSensorFlags(flags, &f.sensor)
}

// check refuses what makes no sense, or would destroy something.
func (f *recordFlags) check(terminal bool) error {
	_, err := os.Lstat(f.out)
	switch {
	case err == nil && !f.force && f.out != "-":
		return errThere(f.out)
	case f.out == "":
		return usageError("-o FILE says where to write, and is missing")
	case f.out == "-" && terminal:
		return usageError("-o -: a recording is not for a terminal")
	case f.duration < 0:
		return usageError("--duration %s: want a time such as 10m", f.duration)
	}
	return nil
}

// errThere refuses to replace a file.
func errThere(name string) error { return usageError("%s is there already: --force replaces it", name) }
