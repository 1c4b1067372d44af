package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

// memories replays long logs through the built binary and reports the most memory that it ever held.
func memories(w io.Writer, ts []auditlog.Template, binary string) error {
	fmt.Fprintf(w, "\nMemory of the whole process, built-in rules\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "log\tevents\tMB\tpeak RSS MB\t\n")
	short := slices.DeleteFunc(slices.Clone(ts), func(t auditlog.Template) bool { return len(t.Text) > 1200 || !t.HasUser() })
	for _, c := range []struct {
		name  string
		lines []auditlog.Template
		bytes int64
		users bool
	}{
		{"20 MB", ts, 20 << 20, false},
		{"2 GB", ts, 2 << 30, false},
		{"10 million distinct users", short, 10_000_000 * meanBytes(short), true},
	} {
		events, rss, err := peak(c.lines, binary, c.bytes, c.users)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t\n", c.name, events, c.bytes>>20, rss>>20)
	}
	return t.Flush()
}

func meanBytes(ts []auditlog.Template) int64 {
	var sum int64
	for i := range ts {
		sum += int64(len(ts[i].Text))
	}
	return sum / int64(len(ts))
}

// peak pipes a generated log into replay and returns how many bytes of memory it held at most.
func peak(ts []auditlog.Template, binary string, size int64, users bool) (events, rss int64, err error) {
	cmd := exec.Command(binary, "replay", "--output", "json", "-")
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	if err != nil {
		return 0, 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, 0, fmt.Errorf("start %s (make build): %w", binary, err)
	}
	events, genErr := auditlog.Generate(in, ts, size, users)
	rss, rssErr := peakRSS(cmd.Process.Pid) // while it waits for more: what wait reports may be that of the process it was forked from
	if err := in.Close(); genErr == nil {
		genErr = err
	}
	if err := cmd.Wait(); err != nil {
		return 0, 0, fmt.Errorf("replay: %w\n%s", err, said.Bytes())
	}
	return events, rss, errors.Join(genErr, rssErr)
}

// peakRSS is VmHWM of a process (proc_pid_status(5)), in bytes.
func peakRSS(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	var kib int64
	i := auditlog.After(status, "VmHWM:")
	if i < 0 {
		return 0, errors.New("no VmHWM in /proc/PID/status")
	}
	_, err = fmt.Sscan(string(status[i:]), &kib)
	return kib << 10, err
}
