package cpio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArchiveHoldsWhatWasAdded(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	check(t, w.File("/bin/tool", 0o755, 5, strings.NewReader("hello and more")))
	check(t, w.File("/bin/other", 0o4755, 0, strings.NewReader("")))
	check(t, w.Symlink("bin/sh", "/bin/tool"))
	check(t, w.Dir("a/b"))
	check(t, w.Dir("a"))
	check(t, w.Close())
	want := []string{
		"bin 40755", "bin/tool 100755 hello", "bin/other 104755", "bin/sh 120777 /bin/tool", "a 40755", "a/b 40755", "TRAILER!!! 0",
	}
	if diff := cmp.Diff(want, list(t, b.Bytes())); diff != "" {
		t.Error(diff)
	}
}

func TestFileShorterThanItsSize(t *testing.T) {
	err := NewWriter(io.Discard).File("a", 0o644, 3, strings.NewReader("ab"))
	if !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end of the file", err)
	}
}

func TestFileThatDoesNotFit(t *testing.T) {
	w := NewWriter(io.Discard)
	if err := w.File("a", 0o644, 1<<32, strings.NewReader("")); err == nil {
		t.Error("a file of 4 GiB was taken")
	}
	if err := w.File("/", 0o644, 0, strings.NewReader("")); err == nil {
		t.Error("a file without a name was taken")
	}
}

// list reads an archive as the kernel's documentation describes it.
func list(t *testing.T, b []byte) []string {
	t.Helper()
	var out []string
	inodes := map[uint64]bool{}
	for len(b) > 0 {
		if string(b[:6]) != "070701" {
			t.Fatalf("no magic at %q", b[:min(len(b), 20)])
		}
		number := func(i int) uint64 {
			n, err := strconv.ParseUint(string(b[6+8*i:14+8*i]), 16, 64)
			check(t, err)
			return n
		}
		nameSize, size, mode := int(number(11)), int(number(6)), number(1)
		if inodes[number(0)] {
			t.Errorf("inode %d is there twice: the files would be hard links of one another", number(0))
		}
		inodes[number(0)] = true
		body := (110 + nameSize + 3) &^ 3
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %o %s", b[110:110+nameSize-1], mode, b[body:body+size])))
		b = b[(body+size+3)&^3:]
	}
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
