package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// flood measures P11: so many events a second by one process of a container (setfsuid calls that change nothing, each of which is a record), with the
// built-in rules, and what was lost of them.
func flood(ctx context.Context, o *options) error {
	p, err := start(ctx, "ready", o.binary, "run", "--out", os.DevNull)
	if err != nil {
		return err
	}
	caller, err := inNamespace(workerPrefix+"calls", "-", strconv.Itoa(o.rate), o.flood.String())
	if err != nil {
		return err
	}
	var out bytes.Buffer
	caller.Stdout = &out
	if err := caller.Run(); err != nil {
		return err
	}
	if err := p.stop(); err != nil {
		return err
	}
	calls, err := strconv.Atoi(strings.TrimSpace(out.String()))
	if err != nil {
		return err
	}
	seconds := o.flood.Seconds()
	fmt.Printf("\nFlood: %d calls in %.0f s (%.0f a second); the sensor took %.0f %% of a core, and says:\n%s\n",
		calls, seconds, float64(calls)/seconds, 100*p.cpu().Seconds()/seconds, <-p.said)
	return nil
}
