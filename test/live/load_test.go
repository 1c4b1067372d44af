//go:build live

package live

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parallax-sec/parallax/test/live/box"
	"github.com/parallax-sec/parallax/test/live/watch"
)

// long is the flag that makes the tests under load as long as the goals say.
var long = flag.Bool("long", false, "run the tests under load in full: some minutes")

// size is how much of something a test makes: less where it runs with all the others.
func (l *lab) size(usual, full int) int {
	if *long {
		return full
	}
	return usual
}

// testFlood: in the middle of a flood of programs, a session and a mount elsewhere are there.
func testFlood(t *testing.T, s *station) {
	n := s.size(500, 50000)
	flood, calm := s.view(t, s.start(t)), s.view(t, s.start(t, privileged))
	var g errgroup.Group
	g.Go(func() error {
		_, _, err := flood.Exec(t.Context(), box.As{}, box.Act, "many", strconv.Itoa(n), "/bin/true", "flood")
		return err
	})
	flood.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true flood"})
	calm.act(t, "unshare", "mnt", "--", "mount", "none", "/mnt", "tmpfs", "0")
	calm.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/act unshare *", "parallax.session.entry": "exec"})
	calm.want(t, map[string]string{"event.action": "mount", "event.outcome": "success", "parallax.mount.target": "/mnt"})
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	flood.settle(t)
	t.Logf("%d of %d programs of the flood told", flood.count(map[string]string{"event.action": "exec", "process.args": "/bin/true flood"}), n)
}

// testForkBomb: processes that only fork, without end as far as the sensor can know, leave the tree true and the memory flat.
func testForkBomb(t *testing.T, s *station) {
	depth := s.size(6, 11)
	v, drops := s.view(t, s.start(t)), s.drops(t)
	bomb := fmt.Sprintf("f() { if [ $1 -eq 0 ]; then /bin/true leaf; else f $(($1-1)) & f $(($1-1)) & wait; fi; }; f %d", depth)
	round := func() int {
		v.run(t, "/bin/sh", "-c", bomb)
		v.settle(t)
		return s.residentKiB(t)
	}
	before := round()
	after := round()
	t.Logf("resident memory %d KiB, %d KiB after the bomb was thrown again", before, after)
	if after > before+16<<10 {
		t.Errorf("memory grew from %d to %d KiB", before, after)
	}
	shells, err := v.WaitN(wait(t), map[string]string{"event.action": "exec", "process.name": "sh"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	missing := 0
	for _, shell := range shells {
		leaves := v.count(map[string]string{"event.action": "exec", "process.args": "/bin/true leaf", "process.parent.name": "sh", "process.entry_leader.pid": shell.Text("process.pid")})
		if leaves > 1<<depth {
			t.Errorf("%d leaves in the session of the shell, want %d", leaves, 1<<depth)
		}
		missing += 1<<depth - leaves
	}
	drops.accountFor(t, missing)
}

// drops are the losses that the sensor tells of from when the view was opened.
type drops struct{ *watch.View }

func (s *station) drops(t *testing.T) drops {
	return drops{s.events(t, func(d watch.Document) bool { return d.Text("event.action") == "drop" })}
}

// accountFor waits until the sensor has told of as many losses as there are events missing, and fails where it does not. There are none on
// most kernels; where programs can be preempted, as on Linux 7.2, the kernel skips some, the more the slower it is, and counts them.
func (d drops) accountFor(t *testing.T, missing int) {
	t.Helper()
	for n, ctx := 0, wait(t); missing > 0; n++ {
		told, err := d.WaitN(ctx, map[string]string{"parallax.drop.reason": "skipped"}, n+1)
		if err != nil {
			t.Errorf("%d events are missing that were not told as lost: %v", missing, err)
			return
		}
		lost, err := strconv.Atoi(told[n].Text("parallax.drop.count"))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d events are missing, %d are told as skipped by the kernel", missing, lost)
		missing -= lost
	}
}

// residentKiB is the memory that the sensor has, by the kernel's account.
func (s *station) residentKiB(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.sensor.PID()))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// testChurn: containers that come and go quickly are each told with their own identity, and leave the memory flat.
func testChurn(t *testing.T, s *station) {
	n := s.size(20, 3000)
	runtime, err := box.FindPrivate(t.TempDir(), s.root+box.Act)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.Close()
	starts := s.events(t, func(d watch.Document) bool {
		return d.Has(map[string]string{"event.action": "exec", "process.args": "/bin/true churn"})
	})
	drops := s.drops(t)
	began := time.Now()
	pods := s.churn(t, runtime, n)
	before := s.residentKiB(t)
	rate := float64(n) / time.Since(began).Seconds()
	for uid, id := range s.churn(t, runtime, n) {
		pods[uid] = id
	}
	after := s.residentKiB(t)
	t.Logf("%.1f containers a second; resident memory %d KiB, %d KiB after as many again", rate, before, after)
	if after > before+16<<10 {
		t.Errorf("memory grew from %d to %d KiB", before, after)
	}
	s.view(t, s.start(t)).settle(t)
	missing := len(pods)
	for _, d := range starts.All() {
		if id, ok := pods[d.Text("orchestrator.resource.id")]; ok && d.Has(map[string]string{"container.id": id, "parallax.session.entry": "start"}) {
			missing--
		}
	}
	drops.accountFor(t, missing)
}

// churn starts and removes n containers, several at once, and returns their ids by their pods' uids.
func (s *station) churn(t *testing.T, runtime *box.Runtime, n int) map[string]string {
	t.Helper()
	pods := map[string]string{}
	var g errgroup.Group
	g.SetLimit(4)
	for range n {
		uid, id := box.NewPodUID(), box.NewID()
		pods[uid] = id
		g.Go(func() error {
			return runtime.Run(t.Context(), box.Config{ID: id, CgroupsPath: box.PodPath(uid, id), Root: s.root, Args: []string{"/bin/true", "churn"}})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	return pods
}
