package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// latency measures P12: from the kernel's time of an exec to the line on standard output, for single events on an idle machine, and how often the
// sensor wakes up when nothing happens.
func latency(ctx context.Context, o *options) error {
	tiny, err := writeTiny(o.dir)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, o.binary, "run", "--events", "--output", "json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	said, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := waitReady(said); err != nil {
		return err
	}
	const n = 100
	delays := make(chan []float64, 1)
	go func() { delays <- readDelays(out, filepath.Base(tiny)) }()
	spawner, err := inNamespace(workerPrefix+"spawn", tiny, strconv.Itoa(n), "50ms")
	if err != nil {
		return err
	}
	if err := spawner.Run(); err != nil {
		return err
	}
	woken, err := idleWakeups(cmd.Process.Pid, 10*time.Second)
	if err != nil {
		return err
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	got := <-delays
	if err := cmd.Wait(); err != nil && ctx.Err() == nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return err
		}
	}
	if len(got) < n {
		return fmt.Errorf("%d of %d programs started came out", len(got), n)
	}
	slices.Sort(got)
	fmt.Printf("\nFrom exec to line of output, one exec each 50 ms: median %.1f ms, 99th percentile %.1f ms, longest %.1f ms\n",
		got[len(got)/2], got[len(got)*99/100], got[len(got)-1])
	fmt.Printf("Idle: %.1f wake-ups a second, all threads\n", woken)
	return nil
}

func waitReady(said io.Reader) error {
	lines := bufio.NewScanner(said)
	var all []string
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "ready") {
			go func() { _, _ = io.Copy(io.Discard, said) }() // until it ends
			return nil
		}
		all = append(all, lines.Text())
	}
	return fmt.Errorf("parallax did not get ready: %s", strings.Join(all, "\n"))
}

// readDelays reads documents to the end, and returns how many milliseconds each start of the program took to come out.
func readDelays(r io.Reader, name string) []float64 {
	var out []float64
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		now := time.Now()
		var doc struct {
			Time  time.Time `json:"@timestamp"`
			Event struct {
				Action, Kind string
			} `json:"event"`
			Process struct{ Name string } `json:"process"`
		}
		if json.Unmarshal(lines.Bytes(), &doc) != nil || doc.Event.Kind != "event" || doc.Event.Action != "exec" || doc.Process.Name != name {
			continue
		}
		out = append(out, float64(now.Sub(doc.Time).Microseconds())/1e3)
	}
	return out
}

// idleWakeups is how often the threads of a process gave up the processor of themselves, a second: each time, they were woken after.
func idleWakeups(pid int, d time.Duration) (float64, error) {
	before, err := voluntarySwitches(pid)
	if err != nil {
		return 0, err
	}
	time.Sleep(d)
	after, err := voluntarySwitches(pid)
	return float64(after-before) / d.Seconds(), err
}

func voluntarySwitches(pid int) (int, error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		return 0, err
	}
	sum := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return 0, err
		}
		_, rest, _ := strings.Cut(string(b), "\nvoluntary_ctxt_switches:")
		n, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(rest, "\n", 2)[0]))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", f, err)
		}
		sum += n
	}
	return sum, nil
}
