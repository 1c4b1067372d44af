package tlsfiles

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// watched lets a watch of f look once each call, and returns what it told.
func watched(t *testing.T, f *Files) (look func() []string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	var mu sync.Mutex
	var told []string
	go f.Watch(ctx, time.Second, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			told = append(told, "in force")
		} else {
			told = append(told, err.Error())
		}
	})
	return func() []string {
		time.Sleep(time.Second)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		out := told
		told = nil
		return out
	}
}

func want(t *testing.T, got []string, parts ...string) {
	t.Helper()
	if len(got) != len(parts) {
		t.Fatalf("told %q, want %q", got, parts)
	}
	for i, part := range parts {
		if !strings.Contains(got[i], part) {
			t.Errorf("told %q, want %q", got[i], part)
		}
	}
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDir(t)
		f := d.server(t)
		look := watched(t, f)
		want(t, look())

		d.issue(t, "server", "127.0.0.1")
		first := f.Certificate()
		want(t, look(), "in force")
		if f.Certificate() == first {
			t.Error("still the first certificate")
		}
		want(t, look())

		put(t, d.file("server.key"), []byte("half a"))
		want(t, look(), "server.key")
		want(t, look()) // told once
		os.Remove(d.file("server.key"))
		want(t, look(), "no such file")
		want(t, look())
		d.issue(t, "server", "127.0.0.1")
		want(t, look(), "in force")

		os.Chmod(d.file("server.key"), 0o644)
		want(t, look(), "in force") // for the warning that goes with it
		if len(f.Warnings(f.NotAfter().AddDate(-1, 0, 0))) != 1 {
			t.Error("not warned of an open key")
		}
	})
}

// A volume of Kubernetes: the files are links to ..data/NAME, and ..data is a link that is replaced.
func TestWatchFollowsTheLinkOfAVolume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		root := t.TempDir()
		first, next := newDir(t), newDir(t)
		link := func(to string) {
			tmp := filepath.Join(root, "..data_tmp")
			if err := os.Symlink(to, tmp); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(tmp, filepath.Join(root, "..data")); err != nil {
				t.Fatal(err)
			}
		}
		link(first.path)
		for _, name := range []string{"server.crt", "server.key", "ca.crt"} {
			if err := os.Symlink(filepath.Join("..data", name), filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
		f := (&dir{path: root}).server(t)
		look := watched(t, f)
		want(t, look())
		link(next.path)
		want(t, look(), "in force")
		if got := f.Certificate().Leaf; got.CheckSignatureFrom(next.ca.Cert) != nil {
			t.Error("still the certificate of before")
		}
	})
}
