package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/parallax-sec/parallax/test/kernels/cpio"
	"github.com/parallax-sec/parallax/test/kernels/job"
	"github.com/parallax-sec/parallax/test/kernels/module"
)

// contents is what a machine's first file system holds.
type contents struct {
	files   map[string]string // programs: where they stand in the machine, and on this one
	tools   string            // folder whose files it gets, at the same places
	modules []module.Module
	job     job.Job // Modules is filled in
}

// write writes the file system as an archive. It is not compressed: unpacking costs more in emulation than reading.
func (c *contents) write(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	b := bufio.NewWriter(f)
	w := cpio.NewWriter(b)
	for _, add := range []func(*cpio.Writer) error{c.addTools, c.addApplets, c.addFiles, c.addModules, c.addJob, (*cpio.Writer).Close} {
		if err := add(w); err != nil {
			return err
		}
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Close()
}

func (c *contents) addFiles(w *cpio.Writer) error {
	for name, from := range c.files {
		if err := addFile(w, name, from, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// addApplets adds the programs that tests start by name. Busybox is what it is called as.
func (c *contents) addApplets(w *cpio.Writer) error {
	for _, name := range []string{"cat", "false", "sh", "sleep", "true"} {
		if err := w.Symlink("/bin/"+name, "busybox"); err != nil {
			return err
		}
	}
	return nil
}

// addTools adds the files of packages, without documentation and character sets.
func (c *contents) addTools(w *cpio.Writer) error {
	return filepath.WalkDir(c.tools, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, c.tools)
		switch {
		case name == "/usr/share" || d.Name() == "gconv":
			return fs.SkipDir
		case d.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return w.Symlink(name, target)
		case d.Type().IsRegular():
			info, err := d.Info()
			if err != nil {
				return err
			}
			return addFile(w, name, path, uint32(info.Mode().Perm()))
		}
		return nil
	})
}

func (c *contents) addModules(w *cpio.Writer) error {
	for _, m := range c.modules {
		name := "/modules/" + m.Name + ".ko"
		c.job.Modules = append(c.job.Modules, name)
		if err := w.File(name, 0o644, int64(len(m.Code)), bytes.NewReader(m.Code)); err != nil {
			return err
		}
	}
	return nil
}

func (c *contents) addJob(w *cpio.Writer) error {
	text, err := json.Marshal(c.job)
	if err != nil {
		return fmt.Errorf("encode job: %w", err)
	}
	return w.File(job.File, 0o644, int64(len(text)), bytes.NewReader(text))
}

func addFile(w *cpio.Writer, name, from string, mode uint32) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.File(name, mode, info.Size(), f)
}
