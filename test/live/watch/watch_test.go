package watch

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

func TestDocumentAt(t *testing.T) {
	d, err := Parse([]byte(`{"a":{"b":{"c":1},"d.e":"x"},"list":["x",2,true],"f.g":{"h":"deep"},"big":4026531836}`))
	if err != nil {
		t.Fatal(err)
	}
	f := func(path, want string) {
		t.Helper()
		if got := d.Text(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	f("a.b.c", "1")
	f("a.d.e", "x")
	f("f.g.h", "deep")
	f("list", "x 2 true")
	f("big", "4026531836")
	f("a.b.none", "")
	f("none", "")
}

func TestDocumentHas(t *testing.T) {
	d := Document{"a": "text", "n": 4.0}
	f := func(want bool, key, value string) {
		t.Helper()
		if got := d.Has(map[string]string{key: value}); got != want {
			t.Errorf("%s: %s: got %t, want %t", key, value, got, want)
		}
	}
	f(true, "a", "text")
	f(true, "a", "te*")
	f(false, "a", "te")
	f(false, "a", "")
	f(true, "n", "4")
	f(true, "none", "-")
	f(false, "a", "-")
}

func TestViewWaitsForWhatItWants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHub()
		v := h.View(func(d Document) bool { return d["kind"] != "other" })
		defer v.Close()
		go func() {
			for _, name := range []string{"a", "b", "c", "b"} {
				h.put(Document{"name": name})
				h.put(Document{"name": name, "kind": "other"})
			}
			synctest.Wait()
			h.end(errors.New("over"))
		}()
		ctx := context.Background()
		if d, err := v.Wait(ctx, map[string]string{"name": "b"}); err != nil || d["kind"] != nil {
			t.Errorf("got %v, %v", d, err)
		}
		if found, err := v.WaitN(ctx, map[string]string{"name": "b"}, 2); err != nil || len(found) != 2 {
			t.Errorf("got %v, %v", found, err)
		}
		if _, err := v.Wait(ctx, map[string]string{"name": "z"}); err == nil || !strings.Contains(err.Error(), "over") {
			t.Errorf("got %v, want the end", err)
		}
		if got := len(v.All()); got != 4 {
			t.Errorf("the view holds %d documents, want 4", got)
		}
	})
}

func TestViewGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	v := newHub().View(func(Document) bool { return true })
	if _, err := v.Wait(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestSensor(t *testing.T) {
	ctx := t.Context()
	script := `trap 'echo "{\"name\":\"last\"}"; exit 0' TERM; echo starting >&2; echo ready >&2; echo '{"name":"first"}'; while :; do sleep 0.01; done`
	s, err := Start(ctx, "/bin/sh", "-c", script)
	if err != nil {
		t.Fatal(err)
	}
	v := s.View(func(d Document) bool { return d["name"] == "last" })
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
	if _, err := v.Wait(ctx, nil); err != nil {
		t.Error(err)
	}
	if s.Said() != "starting\nready\n" {
		t.Errorf("it said %q", s.Said())
	}
}

func TestSensorThatDoesNotBegin(t *testing.T) {
	_, err := Start(t.Context(), "/bin/sh", "-c", "echo no rights >&2; exit 3")
	if err == nil || !strings.Contains(err.Error(), "no rights") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("got %v", err)
	}
}
