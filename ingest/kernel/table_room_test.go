package kernel

import (
	"fmt"
	"strings"
	"testing"
)

// A fork bomb in a container takes from itself only, and none of its processes loses its session.
func TestForkBomb(t *testing.T) {
	w := newTreeWorld(t, TableConfig{MaxProcesses: 1000, MaxAdrift: 100_000})
	quiet := w.started(box("quiet", 8), 50)
	worker := w.fork(quiet, 51)
	init := w.started(box("c1", 7), 100)
	shell := w.in(init.c, 200, 20, host(60, "runc"))
	w.exec(shell, "bomb\x00")
	all := []*task{shell}
	for i := range 10_000 {
		all = append(all, w.fork(all[i/2], uint32(1000+i)))
	}
	w.check()
	if s := w.Stats(); s.Running != 1000 || s.Evicted != 9004 || s.SessionsLost != 0 || s.Adrift < 9000 {
		t.Errorf("%+v", s)
	}
	if w.Find(quiet.Key) == nil || w.Find(worker.Key) == nil || w.Find(shell.Key) == nil {
		t.Error("processes of others, or the leader, were given up")
	}
	for _, p := range all[5000:5100] {
		if s := w.exec(p, "evil\x00").Process.Session; s.Leader != shell.Key || s.Entry != EntryExec {
			t.Fatalf("session %+v", s)
		}
	}
	for _, p := range all {
		w.exit(p)
	}
	w.check()
	if s := w.Stats(); s.Adrift != 0 {
		t.Errorf("%+v", s)
	}
}

func TestSessionsAdriftAreBounded(t *testing.T) {
	w := newTreeWorld(t, TableConfig{MaxProcesses: 10, MaxAdrift: 5})
	p := w.started(box("c1", 7), 100)
	for i := range 100 {
		w.fork(p, uint32(1000+i))
	}
	w.check()
	if s := w.Stats(); s.Adrift != 5 || s.SessionsLost == 0 || s.SessionsLost+5 > s.Evicted {
		t.Errorf("%+v", s)
	}
}

func TestOneContainerHasABound(t *testing.T) {
	w := newTreeWorld(t, TableConfig{MaxPerContainer: 20})
	a, b := w.started(box("c1", 7), 100), w.started(box("c2", 8), 200)
	for i := range uint32(100) {
		w.fork(a, 1000+i)
		if i < 10 {
			w.fork(b, 2000+i)
		}
	}
	w.check()
	if s := w.Stats(); s.Running != 20+11 || s.Containers != 2 {
		t.Errorf("%+v", s)
	}
}

// Those who ended are given up before those who run.
func TestTheDeadGoFirst(t *testing.T) {
	w := newTreeWorld(t, TableConfig{MaxProcesses: 10})
	p := w.started(box("c1", 7), 100)
	running := w.fork(p, 101)
	for i := range uint32(50) {
		w.exit(w.fork(p, 1000+i))
	}
	w.check()
	if s := w.Stats(); w.Find(running.Key) == nil || s.Running != 2 || s.Ended != 8 || s.Adrift != 0 {
		t.Errorf("%+v", s)
	}
}

// Long arguments and paths take room from the container that has them.
func TestTextsAreBounded(t *testing.T) {
	w := newTreeWorld(t, TableConfig{MaxTextBytes: 100_000})
	quiet := w.started(box("quiet", 8), 50)
	p := w.started(box("c1", 7), 100)
	for i := range uint32(200) {
		c := w.fork(p, 1000+i)
		w.exec(c, fmt.Sprintf("%d\x00%s\x00", i, strings.Repeat("x", 4000)))
		w.fork(c, 2000+i)
	}
	w.check()
	if s := w.Stats(); s.TextBytes > 100_000 || s.Evicted == 0 || s.SessionsLost != 0 {
		t.Errorf("%+v", s)
	}
	if w.Find(quiet.Key) == nil || w.Find(p.Key) == nil {
		t.Error("the wrong ones were given up")
	}
}

// One process alone may have more text than there is room for.
func TestOneTooLarge(t *testing.T) {
	w := newTreeWorld(t, TableConfig{MaxTextBytes: 1000, MaxProcesses: 1})
	p := w.started(box("c1", 7), 100)
	if q := w.exec(p, strings.Repeat("x", 4000)+"\x00").Process; len(q.Args[0]) != 4000 || w.Find(p.Key) != q {
		t.Errorf("%+v", q)
	}
	w.check()
	w.fork(p, 101)
	w.check()
}

// A forged recording may use one number over and over.
func TestOneNumberManyTimes(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	p := w.started(box("c1", 7), 100)
	for range 1000 {
		w.fork(p, 101)
	}
	old := *p
	for i := range uint64(1000) {
		old.PID, old.StartNs = 101, 7+i*11_000_001
		w.Seen(w.head(&old), p.c)
	}
	w.check()
	if s := w.Stats(); s.Running != 2 || s.Ended != maxGenerations-1 {
		t.Errorf("%+v", s)
	}
}
