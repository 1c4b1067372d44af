package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
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
	f(`--output "xml"`, "run", "--output", "xml")
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

func TestStopInSteps(t *testing.T) {
	want := pipeline.Report{Events: 7}
	f := func(name string, want error, run func(hard context.Context, stopped chan struct{}) error) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, interrupt := context.WithTimeout(context.Background(), time.Minute)
				defer interrupt()
				stopped := make(chan struct{})
				_, err := stopInSteps(ctx, func() { close(stopped) }, func(hard context.Context) (pipeline.Report, error) {
					return pipeline.Report{}, run(hard, stopped)
				})
				if !errors.Is(err, want) {
					t.Errorf("ended with %v", err)
				}
				time.Sleep(2 * time.Hour) // what hung has ended: the bubble wants that
			})
		})
	}
	broken := errors.New("no space left")
	f("ends by itself", broken, func(context.Context, chan struct{}) error { return broken })
	f("drains", nil, func(_ context.Context, stopped chan struct{}) error { <-stopped; return nil })
	f("drains slowly", nil, func(_ context.Context, stopped chan struct{}) error {
		<-stopped
		time.Sleep(drainTime - time.Second)
		return nil
	})
	f("does not drain", errStuck, func(hard context.Context, _ chan struct{}) error { <-hard.Done(); return hard.Err() })
	f("hangs", errStuck, func(hard context.Context, _ chan struct{}) error {
		<-hard.Done()
		time.Sleep(time.Hour)
		return nil
	})
	got, err := stopInSteps(t.Context(), nil, func(context.Context) (pipeline.Report, error) { return want, nil })
	if err != nil || got.Events != 7 {
		t.Errorf("%+v, %v", got, err)
	}
}

// stream is the frames of a stream that begins.
func stream(t *testing.T) []byte {
	t.Helper()
	frames, err := kernel.AppendFact(nil, &kernel.Fact{Start: &kernel.Start{Node: "node-1", BootID: "boot", OffsetNs: 1}})
	if err != nil {
		t.Fatal(err)
	}
	lost, err := kernel.AppendFact(frames, &kernel.Fact{Lost: &kernel.Lost{BootNs: 1, Reason: "bulk_full", N: 3}})
	if err != nil {
		t.Fatal(err)
	}
	return lost
}

func TestKeeper(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.json")
	k := &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: path}}
	kept := func() bool {
		k.finish()
		return os.Remove(path) == nil
	}
	if kept() {
		t.Error("kept before there was a stream")
	}
	k.Decode(&event.Batch{Line: 1, Data: stream(t)}, func(event.Event) {}, func(f event.Fault) { t.Error(f) })
	if !kept() {
		t.Error("not kept after an event")
	}
	if kept() {
		t.Error("kept though nothing happened")
	}
}

// Keeping costs a small part of the time, and nobody waits for the file.
func TestKeeperRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: filepath.Join(t.TempDir(), "sessions.json")}}
		k.Decode(&event.Batch{Line: 1, Data: stream(t)}, func(event.Event) {}, func(f event.Fault) { t.Error(f) })
		begins := func() bool {
			k.keep()
			return !k.changed
		}
		k.saving = make(chan saved, 1) // as if one went on
		if begins() {
			t.Error("two at once")
		}
		k.saving <- saved{took: time.Second}
		if begins() {
			t.Error("no rest")
		}
		time.Sleep(keepRest*time.Second + 1)
		if !begins() {
			t.Error("not after the rest")
		}
		k.finish()
	})
}

func TestKeeperThatCannotKeep(t *testing.T) {
	file := write(t, "file", "")
	told := 0
	k := &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: filepath.Join(file, "x")}, failed: func(error) { told++ }}
	for range 2 {
		k.Decode(&event.Batch{Data: stream(t)}, func(event.Event) {}, func(event.Fault) {})
		k.finish()
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

type alertSink struct{ err error }

func (s alertSink) Write(context.Context, []*event.Alert) error { return s.err }
func (s alertSink) Close() error                                { return nil }

func TestMetrics(t *testing.T) {
	sink := &counting{Sink: alertSink{}, bySeverity: map[int]uint64{}}
	if err := sink.Write(t.Context(), []*event.Alert{{Severity: event.SeverityHigh}, {Plain: true}, {Severity: event.SeverityHigh}}); err != nil {
		t.Fatal(err)
	}
	stats := sensor.Stats{Records: 5, Nameless: 2, Lost: []bpf.Lost{{CPU: 3, Reason: "bulk_full", N: 9}}, BulkWaiting: 64}
	m := newRunMetrics(func() uint64 { return 4 }, func() sensor.Stats { return stats }, sink.counts)
	address := freeAddress(t)
	stop, err := serveMetrics(address, m)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	got := get(t, "http://"+address+"/metrics")
	for _, want := range []string{
		`parallax_events_total 4`, `parallax_alerts_total{severity="high"} 2`, `parallax_alerts_total{severity="low"} 0`,
		`parallax_sensor_records_total 5`, `parallax_sensor_lost_total{cpu="3",reason="bulk_full"} 9`,
		`parallax_sensor_nameless_containers_total{reason="late"} 2`, `parallax_sensor_ring_bytes{ring="bulk"} 64`, `go_goroutines `,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if _, err := serveMetrics(address, m); err == nil || !strings.Contains(err.Error(), "serve metrics: ") {
		t.Errorf("an address that is taken: %v", err)
	}
}

func TestCountingCountsWhatWasTaken(t *testing.T) {
	sink := &counting{Sink: alertSink{io.ErrShortWrite}, bySeverity: map[int]uint64{}}
	if err := sink.Write(t.Context(), []*event.Alert{{Severity: event.SeverityLow}}); err == nil || sink.counts()[event.SeverityLow] != 0 {
		t.Errorf("%v, %v", err, sink.counts())
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestReadyLine(t *testing.T) {
	s := &kernel.Start{Node: "node\x1b", Hooks: []kernel.Hook{{Name: "exec", Mechanism: "tp_btf"}, {Name: "mount"}, {Name: "ptrace"}}}
	want := "not watched, since this kernel has no way for it ('parallax doctor' tells more): mount, ptrace\n" +
		`ready: kernel sensor on node\x1b, 1 of 3 hooks, 2 rules`
	equal(t, "line", want, readyLine(s, "2 rules"))
}

func TestLiveSummary(t *testing.T) {
	s := liveSummary{
		summary: summary{Report: pipeline.Report{Events: 1234, Faults: 1, Alerts: 1, BySeverity: map[int]uint64{99: 1}, ByRule: map[string]uint64{"R29": 1}}, elapsed: 90 * time.Second},
		sensor: sensor.Stats{
			Records: 2000, Nameless: 1, HoldFull: 1, Lost: []bpf.Lost{{CPU: 0, Reason: "rare_full"}, {CPU: 1, Reason: "bulk_full", N: 5}, {CPU: 0, Reason: "calls_full", N: 1}, {CPU: -1, Reason: "table_full", N: 7}},
		},
	}
	var b bytes.Buffer
	s.print(&b)
	equal(t, "summary", `1,234 events in 1m30s, from 2,000 records of the kernel
1 fault of the stream
lost on CPU 1: 5 records (bulk_full)
lost on CPU 0: 1 call (calls_full)
lost: 7 processes (table_full)
2 containers without names at first: the runtime's files were not there in time
1 alert: 1 critical
        1  R29
`, b.String())
	if !s.reached(99) || s.reached(0) || (&summary{}).reached(21) {
		t.Error("reached")
	}
}

func TestRecordLine(t *testing.T) {
	s := sensor.Stats{Records: 12345, Lost: []bpf.Lost{{Reason: "rare_full", N: 2}, {Reason: "bulk_full", N: 3}, {Reason: "marks_full", N: 9}}}
	equal(t, "line", "1m30s  12,345 records, 3.20 MB, 5 lost", recordLine(&s, 3_200_000, 90*time.Second))
}

func TestClosers(t *testing.T) {
	var order []int
	var c closers
	for i := range 3 {
		c.add(func() error {
			order = append(order, i)
			return fmt.Errorf("error %d", i)
		})
	}
	err := errors.Join(c.close(), c.close())
	if fmt.Sprint(order) != "[2 1 0]" || strings.ReplaceAll(err.Error(), "\n", " ") != "error 2 error 1 error 0" {
		t.Errorf("%v: %v", order, err)
	}
}
