//go:build live

package sensor

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
	"github.com/parallax-sec/parallax/test/live/box"
)

// patience is how long a test waits for what must come; emulated machines are slow.
const patience = 2 * time.Minute

// liveStream is the stream of the sensor on this machine.
type liveStream struct {
	t       *testing.T
	source  *Source
	decoder *kernel.Decoder
}

func startStream(t *testing.T, change func(*runtimefiles.Config)) *liveStream {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("eBPF wants root")
	}
	cfg := bpf.DefaultConfig()
	cfg.LockFile = filepath.Join(t.TempDir(), "lock") // other tests' sensors do no harm
	s, err := bpf.Load(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var where runtimefiles.Config
	if change != nil {
		change(&where)
	}
	files, err := runtimefiles.New(where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	l := &liveStream{t, New(DefaultConfig(), s, NodeClock{}, NewNode(files, new(cgroup.Parser), false)), kernel.NewDecoder()}
	l.read(time.Now().Add(patience), func(*kernel.Event) bool { return false }) // the beginning
	return l
}

// read reads the next batch, and says whether want was true of one of its events.
func (l *liveStream) read(deadline time.Time, want func(*kernel.Event) bool) (found bool) {
	l.t.Helper()
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	b, err := l.source.Next(ctx)
	if errors.Is(err, io.EOF) {
		return false
	}
	if err != nil {
		l.t.Fatal(err)
	}
	defer b.Release()
	l.decoder.Decode(b, func(e event.Event) {
		found = want(e.(*kernel.Event)) || found
	}, func(f event.Fault) { l.t.Error(f) })
	return found
}

// await reads until want was true of an event.
func (l *liveStream) await(want func(*kernel.Event) bool) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); !l.read(deadline, want); {
	}
}

// ran is what is true of the exec of a program with this argument.
func ran(arg string) func(*kernel.Event) bool {
	return func(e *kernel.Event) bool {
		p := e.Process()
		return e.Type() == "execve" && p != nil && slices.Contains(p.Args, arg)
	}
}

func TestLivePIDNamespace(t *testing.T) {
	l := startStream(t, nil)
	if out, err := exec.Command("unshare", "-p", "-f", "-m", "--mount-proc", "/bin/echo", "live-1").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	l.await(ran("live-1"))
	l.source.Stop()
	for {
		if _, err := l.source.Next(context.Background()); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// The first event of a container has the container's id and names, and those of its users.
func TestLiveContainer(t *testing.T) {
	dir := t.TempDir()
	runtime, err := box.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "root")
	if err := box.MakeRoot(root, "/bin/busybox"); err != nil {
		t.Fatal(err)
	}
	l := startStream(t, func(c *runtimefiles.Config) { c.Runc = []string{filepath.Join(dir, "state")} })
	uid, id := box.NewPodUID(), box.NewID()
	c, err := runtime.Start(context.Background(), box.Config{
		ID: id, CgroupsPath: box.PodPath(uid, id), Root: root, Args: []string{"/bin/sleep", "4321"},
		Annotations: map[string]string{"io.kubernetes.cri.sandbox-name": "web-1", "io.kubernetes.cri.sandbox-namespace": "shop"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Delete(); err != nil {
			t.Error(err)
		}
	}()
	l.await(func(e *kernel.Event) bool {
		if !ran("4321")(e) {
			return false
		}
		found := e.Container()
		if found == nil || found.ID != id || found.PodUID != uid || found.Pod != "web-1" || found.Namespace != "shop" {
			t.Errorf("container %+v", found)
		}
		return true
	})
	if out, status, err := c.Exec(context.Background(), box.As{}, "/bin/echo", "live-2"); err != nil || status != 0 || !strings.Contains(out, "live-2") {
		t.Fatalf("%v, %d: %s", err, status, out)
	}
	l.await(func(e *kernel.Event) bool {
		return ran("live-2")(e) && e.Container() != nil && e.Container().ID == id
	})
	if s := l.source.Stats(); s.HoldFull != 0 || s.LostRecords() != 0 || s.Bad != 0 {
		t.Errorf("%+v", s)
	}
}
