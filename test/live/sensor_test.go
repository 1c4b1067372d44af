//go:build live

package live

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/test/live/box"
	"github.com/parallax-sec/parallax/test/live/watch"
)

// station is a lab with the program under test running in it.
type station struct {
	*lab
	sensor *watch.Sensor
}

// newStation starts "parallax run --events". It is stopped when the test ends, and must end well then.
func newStation(t *testing.T, l *lab, args ...string) *station {
	t.Helper()
	s := &station{lab: l, sensor: l.sensor(t, args...)}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), *patience)
		defer cancel()
		if err := s.sensor.Stop(ctx); err != nil {
			t.Error(err)
		}
		t.Logf("the sensor said: %s", s.sensor.Said())
	})
	return s
}

// sensor starts "parallax run --events".
func (l *lab) sensor(t *testing.T, args ...string) *watch.Sensor {
	t.Helper()
	s, err := watch.Start(wait(t), binary(t), append(append([]string{"run", "--events", "--output", "json"}, l.own()...), args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// own are flags that make sensors of the lab have nothing to do with others on this machine.
func (l *lab) own() []string {
	return []string{"--lock", filepath.Join(l.dir, "lock"), "--state", l.state()}
}

// state is the file in which the lab's sensors keep sessions.
func (l *lab) state() string { return filepath.Join(l.dir, "sessions.json") }

// binary is the program under test.
func binary(t *testing.T) string {
	t.Helper()
	name := os.Getenv("PARALLAX_LIVE_BINARY")
	if name == "" {
		t.Fatal("PARALLAX_LIVE_BINARY does not name the program under test: make test-live")
	}
	return name
}

// view is the events of a container, without alerts.
func (s *station) view(t *testing.T, p *pod) *view {
	t.Helper()
	return &view{View: s.events(t, func(d watch.Document) bool { return d.Text("container.id") == p.ID }), pod: p}
}

// events is the events that want says yes to, without alerts.
func (s *station) events(t *testing.T, want func(watch.Document) bool) *watch.View {
	t.Helper()
	v := s.sensor.View(func(d watch.Document) bool { return d.Text("event.kind") == "event" && want(d) })
	t.Cleanup(v.Close)
	return v
}

// view is the documents about one container, and the container.
type view struct {
	*watch.View
	*pod
}

// want waits for a document that holds all of these, and fails without.
func (v *view) want(t *testing.T, want map[string]string) watch.Document {
	t.Helper()
	d, err := v.Wait(wait(t), want)
	if err != nil {
		t.Error(err)
		for _, d := range v.All() {
			if d.Text("event.action") == want["event.action"] {
				t.Logf("came: %s", d)
			}
		}
		t.FailNow()
	}
	return d
}

// settle waits until everything that happened in the container so far has come.
func (v *view) settle(t *testing.T) {
	t.Helper()
	mark := box.NewID()[:16]
	v.run(t, "/bin/true", mark)
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true " + mark})
}

// count returns how many documents that hold all of these came so far.
func (v *view) count(want map[string]string) int {
	n := 0
	for _, d := range v.All() {
		if d.Has(want) {
			n++
		}
	}
	return n
}
