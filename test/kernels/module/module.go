package module

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Module is a module of a kernel, unpacked.
type Module struct {
	Name string // with underscores
	Code []byte // the ELF object
}

// Load reads the modules of these names below dir, and before each the ones that it needs. One that is built into the kernel
// (modules.builtin) is left out.
func Load(dir string, names ...string) ([]Module, error) {
	l := loader{files: map[string]string{}, seen: map[string]bool{}}
	if err := l.scan(dir); err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := l.add(canonical(name)); err != nil {
			return nil, err
		}
	}
	return l.loaded, nil
}

type loader struct {
	files  map[string]string // by name; empty: built in
	seen   map[string]bool
	loaded []Module
}

// scan finds all modules below dir.
func (l *loader) scan(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == "modules.builtin":
			return l.scanBuiltin(path)
		case d.Type().IsRegular() && strings.Contains(d.Name(), ".ko"):
			l.files[canonical(d.Name())] = path
		}
		return nil
	})
}

func (l *loader) scanBuiltin(list string) error {
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		l.files[canonical(filepath.Base(strings.TrimSpace(line)))] = ""
	}
	return nil
}

func (l *loader) add(name string) error {
	path, known := l.files[name]
	switch {
	case !known:
		return fmt.Errorf("module %s: the kernel has none of that name", name)
	case path == "" || l.seen[name]:
		return nil
	}
	l.seen[name] = true
	code, err := read(path)
	if err != nil {
		return fmt.Errorf("module %s: %w", name, err)
	}
	needs, err := needs(code)
	if err != nil {
		return fmt.Errorf("module %s: %w", name, err)
	}
	for _, n := range needs {
		if err := l.add(n); err != nil {
			return fmt.Errorf("module %s needs %w", name, err)
		}
	}
	l.loaded = append(l.loaded, Module{Name: name, Code: code})
	return nil
}

// read reads a module, which may be packed by xz as Debian does from kernel 6.12 on.
func read(path string) ([]byte, error) {
	switch filepath.Ext(path) {
	case ".ko":
		return os.ReadFile(path)
	case ".xz":
		return exec.Command("xz", "-dc", path).Output()
	default:
		return nil, errors.New("packed in an unknown way: " + filepath.Base(path))
	}
}

// needs returns the names of the modules that a module needs: the text "depends" of its section .modinfo, whose texts end in NUL.
func needs(code []byte) ([]string, error) {
	f, err := elf.NewFile(bytes.NewReader(code))
	if err != nil {
		return nil, err
	}
	s := f.Section(".modinfo")
	if s == nil {
		return nil, errors.New("no section .modinfo")
	}
	info, err := s.Data()
	if err != nil {
		return nil, err
	}
	var names []string
	for text := range bytes.SplitSeq(info, []byte{0}) {
		if list, ok := bytes.CutPrefix(text, []byte("depends=")); ok && len(list) > 0 {
			for name := range strings.SplitSeq(string(list), ",") {
				names = append(names, canonical(name))
			}
		}
	}
	return names, nil
}

// canonical returns a module's name: without what follows the first dot, and with underscores, which files write as dashes at will.
func canonical(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.ReplaceAll(name, "-", "_")
}
