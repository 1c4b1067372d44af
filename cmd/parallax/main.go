// Command parallax judges Kubernetes audit events by rules. This package is the command line: it reads flags, wires the
// parts together, and turns what comes of it into text on standard error and an exit status. One file per subcommand.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"
)

// version is set by the linker (-X main.version=v1.2.3).
var version string

// sameSignal is how close a second signal comes that is still the first one: timeout(1) sends it to the process and then to its group.
const sameSignal = 200 * time.Millisecond

func main() {
	// Somebody may stop reading standard output; a write then says so (EPIPE) and does not kill.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		time.Sleep(sameSignal)
		stop() // the next signal ends the process at once
	})
	a := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		outTerminal: term.IsTerminal(int(os.Stdout.Fd())), errTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		env: os.Getenv,
	}
	os.Exit(a.run(ctx, os.Args[1:]))
}
