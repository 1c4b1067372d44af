//go:build live

package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/test/live/box"
	"github.com/parallax-sec/parallax/test/live/watch"
)

// TestKillLeavesNothing: a sensor that is killed leaves no program, link or map in the kernel.
func TestKillLeavesNothing(t *testing.T) {
	s := newLab(t).sensor(t)
	left := attached(t, s.PID())
	if len(left["prog_id"]) == 0 || len(left["map_id"]) == 0 || len(left["link_id"]) == 0 {
		t.Fatalf("the sensor holds %v: want programs, maps and links", left)
	}
	t.Logf("held: %d programs, %d maps, %d links", len(left["prog_id"]), len(left["map_id"]), len(left["link_id"]))
	s.Kill()
	for ctx := wait(t); ; time.Sleep(50 * time.Millisecond) { // the kernel frees them when nobody can be running them any more
		n := 0
		for kind, ids := range left {
			for _, id := range ids {
				if exists(kind, id) {
					n++
				}
			}
		}
		if n == 0 {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%d of %v are left", n, left)
		}
	}
}

// attached returns the ids of what a process holds in the kernel, by kind: prog_id, map_id, link_id (proc_pid_fdinfo(5)).
func attached(t *testing.T, pid int) map[string][]uint32 {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string][]uint32{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue // closed meanwhile
		}
		for _, m := range regexp.MustCompile(`(?m)^(prog_id|map_id|link_id):\s*(\d+)$`).FindAllStringSubmatch(string(text), -1) {
			id, err := strconv.ParseUint(m[2], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			ids[m[1]] = append(ids[m[1]], uint32(id))
		}
	}
	return ids
}

func exists(kind string, id uint32) bool {
	var err error
	var held interface{ Close() error }
	switch kind {
	case "prog_id":
		held, err = ebpf.NewProgramFromID(ebpf.ProgramID(id))
	case "map_id":
		held, err = ebpf.NewMapFromID(ebpf.MapID(id))
	case "link_id":
		held, err = link.NewFromID(link.ID(id))
	}
	if errors.Is(err, os.ErrNotExist) {
		return false
	}
	if err == nil {
		held.Close()
	}
	return true
}

// TestSecondSensorIsRefused: it says why in one sentence, and the first goes on.
func TestSecondSensorIsRefused(t *testing.T) {
	s := newStation(t, newLab(t))
	out, err := exec.CommandContext(wait(t), binary(t), append([]string{"run"}, s.own()...)...).CombinedOutput()
	if err == nil || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "another sensor runs on this node") {
		t.Errorf("got %v and %q", err, out)
	}
	s.view(t, s.start(t)).settle(t)
}

// TestNotRoot: without root it says why in one sentence.
func TestNotRoot(t *testing.T) {
	l := newLab(t)
	dir, err := os.MkdirTemp("", "parallax-live") // one that everybody may enter
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "parallax")
	if err := os.WriteFile(program, code, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(wait(t), filepath.Join(l.root, box.Act), "setgroups", "--", "setgid", "1000", "--", "setuid", "1000", "--", "exec", program, "run").CombinedOutput()
	if err == nil || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "root") {
		t.Errorf("got %v and %q", err, out)
	}
}

// TestSessionsSurviveARestart: what ran before the sensor did keeps its session and its way in, when the sensor before was stopped,
// and when it was killed.
func TestSessionsSurviveARestart(t *testing.T) {
	t.Run("stopped", func(t *testing.T) {
		testRestart(t, func(s *station, _ watch.Document) {
			if err := s.sensor.Stop(wait(t)); err != nil {
				t.Fatal(err)
			}
		})
	})
	t.Run("killed", func(t *testing.T) {
		testRestart(t, func(s *station, shell watch.Document) {
			s.waitKept(t, shell)
			s.sensor.Kill()
		})
	})
}

// testRestart lets end end a sensor that has seen a shell brought into a container, and wants the next sensor to know of it.
func testRestart(t *testing.T, end func(s *station, shell watch.Document)) {
	l := newLab(t)
	first := &station{lab: l, sensor: l.sensor(t)}
	p := l.start(t)
	v := first.view(t, p)
	ended := make(chan error, 1)
	go func() {
		_, _, err := p.Exec(t.Context(), box.As{}, "/bin/sh", "-c", "while [ ! -e /tmp/$0 ]; do sleep 0.1; done; /bin/true after; :", p.ID)
		ended <- err
	}()
	shell := v.want(t, map[string]string{"event.action": "exec", "process.name": "sh"})
	end(first, shell)
	v = newStation(t, l).view(t, p)
	if err := os.WriteFile(filepath.Join(l.root, "tmp", p.ID), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	v.want(t, map[string]string{
		"event.action": "exec", "process.args": "/bin/true after", "container.id": p.ID, "orchestrator.resource.id": p.UID,
		"process.entry_leader.pid": shell.Text("process.pid"), "process.entry_leader.entity_id": shell.Text("process.entity_id"),
		"parallax.session.entry": "exec",
	})
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// waitKept waits until the sensor has kept the session that a process leads.
func (s *station) waitKept(t *testing.T, leader watch.Document) {
	t.Helper()
	for ctx := wait(t); ; time.Sleep(50 * time.Millisecond) {
		var kept kernel.Sessions
		text, err := os.ReadFile(s.state())
		if err == nil {
			err = json.Unmarshal(text, &kept)
		}
		if slices.ContainsFunc(kept.Sessions, func(k kernel.SavedSession) bool {
			return fmt.Sprint(k.Session.Leader.PID) == leader.Text("process.pid")
		}) {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("%s is not in %s: %v", leader, text, err)
		}
	}
}
