package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/daemon"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/pipeline"
)

func TestRunWrongUsage(t *testing.T) {
	f := func(inErr string, args ...string) {
		t.Helper()
		if r := cli(t, args...).want(t, exitUsage, inErr); r.out != "" {
			t.Errorf("%q printed on standard output: %s", args, r.out)
		}
	}
	f("unknown command", "run", "something")
	f(`--fail-on "grave"`, "run", "--fail-on", "grave")
	f(`output.format: "xml"`, "run", "--output", "xml")
	f("--no-builtin leaves no rules", "run", "--no-builtin")
	f("-o FILE", "record")
	f("is there already: --force", "record", "-o", sample)
	f("--duration -1s", "record", "-o", filepath.Join(t.TempDir(), "new"), "--duration", "-1s")
}

func TestRecordingIsNotForATerminal(t *testing.T) {
	var status *statusError
	if err := (&recordFlags{out: "-"}).check(true); !errors.As(err, &status) || status.code != exitUsage {
		t.Errorf("%v", err)
	}
	if err := (&recordFlags{out: "-"}).check(false); err != nil {
		t.Error(err)
	}
}

func TestReadyLine(t *testing.T) {
	s := &kernel.Start{Node: "node\x1b", Hooks: []kernel.Hook{{Name: "exec", Mechanism: "tp_btf"}, {Name: "mount"}, {Name: "ptrace"}}}
	want := "not watched, since this kernel has no way for it ('parallax doctor' tells more): mount, ptrace\n" +
		`ready: kernel sensor on node\x1b, 1 of 3 hooks, 2 rules`
	equal(t, "line", want, readyLine(s, "2 rules"))
}

func TestPrintOutcome(t *testing.T) {
	o := daemon.Outcome{
		Elapsed: 90 * time.Second, Node: pipeline.Report{Events: 1234}, Hub: pipeline.Report{Events: 5, Faults: 1},
		Given: daemon.Given{Alerts: 1, BySeverity: map[int]uint64{99: 1}, ByRule: map[string]uint64{"R29": 1}},
		Sensor: &sensor.Stats{
			Records: 2000, Nameless: 1, HoldFull: 1, Lost: []bpf.Lost{{CPU: 0, Reason: "rare_full"}, {CPU: 1, Reason: "bulk_full", N: 5}, {CPU: 0, Reason: "calls_full", N: 1}, {CPU: -1, Reason: "table_full", N: 7}},
		},
	}
	var b bytes.Buffer
	printOutcome(&b, &o, nil)
	equal(t, "summary", `1,234 events in 1m30s, from 2,000 records of the kernel
lost on CPU 1: 5 records (bulk_full)
lost on CPU 0: 1 call (calls_full)
lost: 7 processes (table_full)
2 containers without names at first: the runtime's files were not there in time
5 events in 1m30s, from API servers, logs and Falco
1 piece that could not be read
1 alert: 1 critical
        1  R29
`, b.String())
	if !reached(o.Given.BySeverity, 99) || reached(o.Given.BySeverity, 0) || reached(nil, 21) {
		t.Error("reached")
	}
}

func TestRecordLine(t *testing.T) {
	s := sensor.Stats{Records: 12345, Lost: []bpf.Lost{{Reason: "rare_full", N: 2}, {Reason: "bulk_full", N: 3}, {Reason: "marks_full", N: 9}}}
	equal(t, "line", "1m30s  12,345 records, 3.20 MB, 5 lost", recordLine(&s, 3_200_000, 90*time.Second))
}
