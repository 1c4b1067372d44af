package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/sinks"
)

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

type alertSink struct{ err error }

func (s alertSink) Write(context.Context, []*event.Alert) error { return s.err }
func (s alertSink) Close() error                                { return nil }

// ask serves of for one question, and returns status and answer.
func ask(t *testing.T, h *health, path string, of ...prometheus.Collector) (int, string) {
	t.Helper()
	registry, err := newRegistry("v1", of...)
	if err != nil {
		t.Fatal(err)
	}
	o, err := newOps("127.0.0.1:0", h, registry, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- o.run(ctx) }()
	response, err := http.Get("http://" + o.listener.Addr().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	cancel()
	if err := errors.Join(err, <-done); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestMetrics(t *testing.T) {
	output := newCounted(alertSink{})
	alerts := []*event.Alert{{Severity: event.SeverityHigh, Rule: &event.Rule{ID: "R1"}}, {Plain: true}, {Severity: event.SeverityHigh, Rule: &event.Rule{ID: "R2"}}}
	if err := output.Write(t.Context(), alerts); err != nil {
		t.Fatal(err)
	}
	stats := sensor.Stats{Records: 5, Nameless: 2, Lost: []bpf.Lost{{CPU: 3, Reason: "bulk_full", N: 9}}, BulkWaiting: 64}
	deliveries := func() map[string]sinks.Stats {
		return map[string]sinks.Stats{"siem": {Created: 7, Dead: 1, FailingSince: time.Now()}}
	}
	_, got := ask(t, newHealth(), "/metrics", newSensorMetrics(func() sensor.Stats { return stats }), newSinkMetrics(deliveries, output.counts))
	for _, want := range []string{
		`parallax_build_info{version="v1"} 1`, `parallax_alerts_total{severity="high"} 2`, `parallax_alerts_total{severity="low"} 0`,
		`parallax_sensor_records_total 5`, `parallax_sensor_lost_total{cpu="3",reason="bulk_full"} 9`,
		`parallax_sensor_nameless_containers_total{reason="late"} 2`, `parallax_sensor_ring_bytes{ring="bulk"} 64`, `go_goroutines `,
		`parallax_sink_documents_total{result="created",sink="siem"} 7`, `parallax_sink_documents_total{result="dead",sink="siem"} 1`,
		`parallax_sink_failing{sink="siem"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if g := output.counts(); g.Plain != 1 || g.Alerts != 2 || g.ByRule["R2"] != 1 {
		t.Errorf("%+v", g)
	}
}

func TestCountedCountsWhatWasTaken(t *testing.T) {
	output := newCounted(alertSink{io.ErrShortWrite})
	if err := output.Write(t.Context(), []*event.Alert{{Rule: &event.Rule{}}}); err == nil || output.counts().Alerts != 0 {
		t.Errorf("%v, %+v", err, output.counts())
	}
}

func TestHealth(t *testing.T) {
	h := newHealth()
	var broken error
	h.ready("stream", func() error { return broken })
	h.ready("inputs", func() error { return nil })
	f := func(path string, status int, text string) {
		t.Helper()
		if s, got := ask(t, h, path); s != status || got != text {
			t.Errorf("%s: %d %q", path, s, got)
		}
	}
	f("/healthz", 200, "ok\n")
	f("/readyz", 200, "inputs: ok\nstream: ok\n")
	broken = errors.New("full")
	f("/readyz", 503, "inputs: ok\nstream: full\n")
	f("/healthz", 200, "ok\n")
	h.fail(errors.New("gone"))
	f("/healthz", 503, "gone\n")
	f("/nothing", 404, "404 page not found\n")
}

func TestOpsAddressThatCannotBeHad(t *testing.T) {
	o, err := newOps("127.0.0.1:0", newHealth(), prometheus.NewRegistry(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer o.listener.Close()
	if _, err := newOps(o.listener.Addr().String(), newHealth(), prometheus.NewRegistry(), nil); err == nil || !strings.Contains(err.Error(), "serve metrics: ") {
		t.Errorf("%v", err)
	}
}

func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWaiting()
		w.expect("a")
		w.expect("b")
		w.reached("b", "b is live")
		w.reached("c", "nobody asked")
		done := make(chan error, 1)
		go func() { done <- w.wait(t.Context()) }()
		synctest.Wait()
		if got := w.missing(); len(done) > 0 || fmt.Sprint(got) != "[a]" {
			t.Errorf("%v", got)
		}
		w.reached("a", "a is live")
		w.reached("a", "twice")
		if err := <-done; err != nil || w.text() != "a is live; b is live" {
			t.Errorf("%v %q", err, w.text())
		}
	})
}

func TestStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failures := make(chan error, 8)
		s := newStage(t.Context(), func(err error) { failures <- err })
		s.start("good", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		s.start("broken", func(context.Context) error { return errors.New("no space left") })
		s.start("early", func(context.Context) error { return nil })
		synctest.Wait()
		slow := make(chan struct{})
		s.start("slow", func(context.Context) error { <-slow; return nil })
		grace, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if s.stop(grace) {
			t.Error("did not wait for the slow one")
		}
		close(slow)
		if !s.wait(t.Context()) {
			t.Error("has not ended")
		}
		close(failures)
		var failed []string
		for err := range failures {
			failed = append(failed, err.Error())
		}
		got := strings.Join(failed, "; ")
		if len(failed) != 2 || !strings.Contains(got, "broken: no space left") || !strings.Contains(got, "early: ended by itself") {
			t.Errorf("%q", failed)
		}
	})
}

// hangingSink takes nothing and never says so.
type hangingSink struct{ began, end chan struct{} }

func (s hangingSink) Write(context.Context, []*event.Alert) error {
	close(s.began)
	<-s.end
	return nil
}

func (hangingSink) Close() error { return nil }

// What was taken can be told while a sink hangs: at the end of the run, and to Prometheus.
func TestCountsOfASinkThatHangs(t *testing.T) {
	s := hangingSink{make(chan struct{}), make(chan struct{})}
	output := newCounted(s)
	done := make(chan error, 1)
	go func() { done <- output.Write(t.Context(), []*event.Alert{{Rule: &event.Rule{ID: "R1"}}}) }()
	<-s.began
	if got := output.counts().Alerts; got != 0 {
		t.Errorf("%d alerts before they were taken", got)
	}
	close(s.end)
	if err := <-done; err != nil || output.counts().Alerts != 1 {
		t.Errorf("%v, %+v", err, output.counts())
	}
}
