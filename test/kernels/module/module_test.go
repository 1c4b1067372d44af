package module

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestModulesComeBehindWhatTheyNeed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "kernel/fs/overlayfs/overlay.ko", object("lib-a,lib_b"))
	write(t, dir, "kernel/lib/lib-a.ko", object("lib_b,core"))
	write(t, dir, "kernel/lib/lib_b.ko", object(""))
	write(t, dir, "modules.builtin", []byte("kernel/core.ko\n"))
	f := func(want string, names ...string) {
		t.Helper()
		modules, err := Load(dir, names...)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range modules {
			got = append(got, m.Name)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Error(diff)
		}
	}
	f("lib_b lib_a overlay", "overlay")
	f("lib_b lib_a", "lib-b", "lib_a", "lib_a")
	f("", "core")
}

func TestModuleThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.ko", object("b"))
	write(t, dir, "bad.ko", []byte("no ELF object"))
	write(t, dir, "odd.ko.lz4", nil)
	f := func(name, want string) {
		t.Helper()
		if _, err := Load(dir, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	f("none", "module none: the kernel has none of that name")
	f("a", "module a needs module b: the kernel has none of that name")
	f("bad", "module bad: ")
	f("odd", "packed in an unknown way")
}

// object returns an ELF object (elf(5)) of two sections: the names of sections, and the module's information.
func object(depends string) []byte {
	names := "\x00.shstrtab\x00.modinfo\x00"
	info := "license=GPL\x00depends=" + depends + "\x00name=x\x00"
	var b bytes.Buffer
	put := func(v ...any) {
		for _, x := range v {
			_ = binary.Write(&b, binary.LittleEndian, x)
		}
	}
	const head = 64
	put([]byte("\x7fELF\x02\x01\x01"), [9]byte{}, uint16(1), uint16(62), uint32(1), uint64(0), uint64(0), uint64(head+len(names)+len(info)))
	put(uint32(0), uint16(head), uint16(0), uint16(0), uint16(64), uint16(3), uint16(1))
	put([]byte(names), []byte(info))
	section := func(name, kind uint32, offset, size int) {
		put(name, kind, uint64(0), uint64(0), uint64(offset), uint64(size), uint32(0), uint32(0), uint64(1), uint64(0))
	}
	section(0, 0, 0, 0)
	section(1, 3, head, len(names))
	section(11, 1, head+len(names), len(info))
	return b.Bytes()
}

func write(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
