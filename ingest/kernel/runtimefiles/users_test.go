package runtimefiles

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

func TestNodeUsers(t *testing.T) {
	f := node(t, map[string]string{
		"/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/:/bin/sh\ntoor:x:0:0::/:/bin/sh",
		"/etc/group":  "root:x:0:\nstaff:x:50:web\n",
	})
	u, err := f.NodeUsers()
	if err != nil {
		t.Fatal(err)
	}
	want := &kernel.Users{Users: map[uint32]string{0: "root", 1000: "web"}, Groups: map[uint32]string{0: "root", 50: "staff"}}
	if diff := cmp.Diff(want, u); diff != "" {
		t.Error(diff)
	}
	if u, err := node(t, nil).NodeUsers(); err != nil || u.Users != nil || u.Groups != nil {
		t.Errorf("no lists: %+v %v", u, err)
	}
}

func TestParseListPassesOverWhatIsNone(t *testing.T) {
	lines := []string{
		"", ":::", "#comment", "nofields", "a:x", "b:x:", "c:x:-1:", "d:x:4294967296:", "e:x:0x10:", "f:x:1e3:", ":x:7:", "bad name:x:8:",
		"esc\x1b[0m:x:9:", "\xff:x:10:", "-dash:x:11:", strings.Repeat("l", maxUser+1) + ":x:12:", "nul\x00:x:13:", "+nis:x:14:", "\u202eabc:x:15:",
		"ok:x:16:1", "EXAMPLE\\bob:x:17", "host$:x:18:", "last:x:4294967295:",
	}
	want := map[uint32]string{16: "ok", 17: "EXAMPLE\\bob", 18: "host$", 4294967295: "last"}
	if diff := cmp.Diff(want, parseList([]byte(strings.Join(lines, "\n")), nil)); diff != "" {
		t.Error(diff)
	}
	var many bytes.Buffer
	for i := range 2 * maxEntries {
		fmt.Fprintf(&many, "u%d:x:%d:\n", i, i)
	}
	if n := len(parseList(many.Bytes(), nil)); n != maxEntries {
		t.Errorf("%d names", n)
	}
}

func TestUsersAreNumberedAsOutside(t *testing.T) {
	m, err := parseIDMap([]byte("         0     100000      65536\n    70000          0          1\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := parseList([]byte("root:x:0:\nweb:x:1000:\nhost:x:70000:\nnone:x:80000:\n"), m)
	if diff := cmp.Diff(map[uint32]string{100000: "root", 101000: "web", 0: "host"}, got); diff != "" {
		t.Error(diff)
	}
	for _, s := range []string{"", "x", "0 0", "0 0 99999999999"} {
		if _, err := parseIDMap([]byte(s)); err == nil {
			t.Errorf("%q is taken for a map", s)
		}
	}
}

func TestUsersOfAProcess(t *testing.T) {
	f, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	u, err := f.Users("c1", uint32(os.Getpid()))
	if err != nil {
		t.Fatal(err)
	}
	own, err := f.NodeUsers()
	if err != nil {
		t.Fatal(err)
	}
	own.ContainerID = "c1"
	if diff := cmp.Diff(own, u); diff != "" {
		t.Error(diff)
	}
	if _, err := f.Users("c1", 1<<30); err == nil {
		t.Error("a process that is not there has users")
	}
}

func FuzzParseList(f *testing.F) {
	f.Add([]byte("root:x:0:0::/:\n"), []byte("0 0 4294967295\n"))
	f.Fuzz(func(t *testing.T, list, idmap []byte) {
		m, err := parseIDMap(idmap)
		if err != nil {
			m = nil
		}
		for _, name := range parseList(list, m) {
			if !isUser([]byte(name)) {
				t.Errorf("name %q", name)
			}
		}
	})
}
