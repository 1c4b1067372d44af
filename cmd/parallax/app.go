package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/spf13/cobra"
)

// The exit statuses; others script against them.
const (
	exitDone   = 0
	exitFailed = 1 // could not do it
	exitUsage  = 2 // wrong usage, or rules that do not load
	exitAlert  = 3 // --fail-on was given and an alert reached it
)

// app is the command line's surroundings.
type app struct {
	in                       io.Reader
	out, err                 io.Writer
	outTerminal, errTerminal bool // out and err are shown to a person
	env                      func(string) string
	environment              []string // as os.Environ gives it; nil: that of the process
}

// run runs one command line and returns the exit status.
func (a *app) run(ctx context.Context, args []string) int {
	started := false // past flags and arguments
	root := a.rootCommand()
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	code := exitFailed
	var status *statusError
	switch {
	case errors.As(err, &status):
		code = status.code
	case !started:
		code = exitUsage
	}
	a.explain(cmd, err, code)
	return code
}

// explain says on standard error what went wrong, unless it has been said.
func (a *app) explain(cmd *cobra.Command, err error, code int) {
	var status *statusError
	if errors.As(err, &status) && status.err == nil {
		return
	}
	for line := range strings.Lines("parallax: " + err.Error()) { // which may hold names of files and what stands in them
		fmt.Fprintln(a.err, event.Escape(strings.TrimSuffix(line, "\n")))
	}
	if code == exitUsage && !errors.As(err, &status) || status != nil && status.help {
		fmt.Fprintf(a.err, "'%s --help' tells how it is used.\n", cmd.CommandPath())
	}
}

// statusError is an error that decides the exit status. Without err all has been said.
type statusError struct {
	code int
	err  error
	help bool // point to the command's help
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// usageError is a wrong flag or argument.
func usageError(format string, args ...any) error {
	return &statusError{code: exitUsage, err: fmt.Errorf(format, args...), help: true}
}

// said ends with a status when everything has been printed.
func said(code int) error { return &statusError{code: code} }
