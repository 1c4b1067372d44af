package tail

import (
	"compress/gzip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

func TestLinesAsTheyAreWritten(t *testing.T) {
	w := newWorld(t)
	w.want("")
	w.add("audit.log", "one\ntw")
	w.want("one\n")
	w.add("audit.log", "o")
	w.want("")
	w.add("audit.log", "\nthree\n")
	w.want("two\nthree\n")
	w.wantTold()
	if c := w.chunks[1]; c.Offset != 4 || c.Line != 2 || c.Lines != 2 || c.Log != w.path("audit.log") || c.File != c.Log {
		t.Errorf("%+v", c)
	}
}

func TestChunksAreBounded(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.ChunkBytes = 1000 })
	all := text("a", 500)
	w.add("audit.log", all)
	w.want(all)
	if len(w.chunks) < len(all)/1000 {
		t.Errorf("%d chunks of %d bytes", len(w.chunks), len(all))
	}
	line := int64(1)
	for _, c := range w.chunks {
		if c.Line != line {
			t.Fatalf("line %d, want %d", c.Line, line)
		}
		line += c.Lines
	}
}

func TestStart(t *testing.T) {
	old, live, more := text("old", 30), text("live", 30), text("more", 30)
	f := func(start Start, want string) {
		t.Helper()
		w := newWorld(t, func(c *Config) { c.Start = start })
		w.add("audit.log.1", old)
		w.add("audit.log", live+more[:20])
		w.want(want)
		w.add("audit.log", more[20:])
		if start == StartEnd {
			w.want(more[strings.IndexByte(more, '\n')+1:])
		} else {
			w.want(more)
		}
		w.rename("audit.log", "audit.log.2")
		w.add("audit.log", text("next", 30))
		w.want(text("next", 30))
		w.wantTold()
	}
	f(StartLive, live)
	f(StartOldest, old+live)
	f(StartEnd, "")
}

func TestRotationByRenaming(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	w.add("audit.log", text("b", 10))
	w.rename("audit.log", "audit-2026-11-20T23-49-03.111.log")
	w.want(text("b", 10))
	w.add("audit.log", text("c", 30))
	w.want(text("c", 30))
	w.add("audit-2026-11-20T23-49-03.111.log", text("late", 5))
	w.add("audit.log", text("d", 3))
	w.want(text("late", 5) + text("d", 3))
	w.later(time.Minute)
	w.want("")
	if len(w.log.open) != 1 {
		t.Errorf("%d files are open", len(w.log.open))
	}
	w.wantTold()
}

// A rotator that does not tell the writer: the new file stays empty, the old one grows.
func TestWriterThatDoesNotFollow(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	w.rename("audit.log", "audit.log.1")
	w.add("audit.log", "")
	for range 5 {
		w.want("")
		w.later(time.Hour)
		w.add("audit.log.1", text("b", 3))
		w.want(text("b", 3))
	}
	w.wantTold()
}

func TestRotationsWhileBehind(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	w.add("audit.log", text("b", 30))
	w.rename("audit.log", "audit.log.2")
	w.add("audit.log.1", text("c", 30))
	w.add("audit.log", text("d", 30))
	w.want(text("b", 30) + text("c", 30) + text("d", 30))
	w.wantTold()
}

func TestRotationsWhileStopped(t *testing.T) {
	f := func(pack func(w *world, name string)) {
		t.Helper()
		w := newWorld(t)
		w.add("audit.log", text("a", 30))
		w.want(text("a", 30))
		w.add("audit.log", text("b", 30))
		w.rename("audit.log", "audit-2026-11-20T23-49-03.111.log")
		w.add("audit-2026-11-20T23-49-04.111.log", text("c", 30))
		pack(w, "audit-2026-11-20T23-49-03.111.log")
		pack(w, "audit-2026-11-20T23-49-04.111.log")
		w.add("audit.log", text("d", 30))
		w.restart()
		w.want(text("b", 30) + text("c", 30) + text("d", 30))
		w.wantTold()
		w.restart()
		w.rename("audit.log", "audit-2026-11-20T23-49-05.111.log")
		w.add("audit.log", text("e", 30))
		w.want(text("e", 30))
		w.wantTold()
	}
	f(func(*world, string) {})
	f((*world).gzip)
	f((*world).zstd)
}

func (w *world) gzip(name string) {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	w.must(err)
	out, err := os.Create(w.path(name + ".gz"))
	w.must(err)
	z := gzip.NewWriter(out)
	_, err = z.Write(data)
	w.must(err)
	w.must(z.Close())
	w.must(out.Close())
	w.remove(name)
}

func (w *world) zstd(name string) {
	w.t.Helper()
	data, err := os.ReadFile(w.path(name))
	w.must(err)
	z, err := zstd.NewWriter(nil)
	w.must(err)
	w.must(os.WriteFile(w.path(name+".zst"), z.EncodeAll(data, nil), 0o600))
	w.must(z.Close())
	w.remove(name)
}

// logrotate gives each backup a new number each time, and compresses all but the newest.
func TestNumbersThatMove(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	for _, name := range []string{"b", "c", "d", "e"} {
		for i := 4; i > 1; i-- {
			_ = os.Rename(w.path("audit.log."+string(rune('0'+i))+".gz"), w.path("audit.log."+string(rune('1'+i))+".gz"))
		}
		if _, err := os.Stat(w.path("audit.log.1")); err == nil {
			w.rename("audit.log.1", "audit.log.2")
			w.gzip("audit.log.2")
		}
		w.rename("audit.log", "audit.log.1")
		w.add("audit.log", text(name, 30))
		w.want(text(name, 30))
		w.later(time.Minute)
		w.want("")
	}
	w.wantTold()
}

func TestCopyTruncate(t *testing.T) {
	copyTo := func(w *world, name string) {
		data, err := os.ReadFile(w.path("audit.log"))
		w.must(err)
		w.must(os.WriteFile(w.path(name), data, 0o600))
		w.must(os.Truncate(w.path("audit.log"), 0))
	}
	f := func(stopped bool) {
		t.Helper()
		w := newWorld(t)
		w.add("audit.log", text("a", 30))
		w.want(text("a", 30))
		w.add("audit.log", text("b", 30))
		copyTo(w, "audit.log.1")
		if stopped {
			w.restart()
		}
		w.add("audit.log", text("c", 100))
		w.want(text("b", 30) + text("c", 100))
		w.wantTold("audit.log: lines may be missing behind byte")
		if g := w.chunks[1].Gap; g == nil || g.Sure {
			t.Errorf("gap %+v", g)
		}
		w.add("audit.log", text("d", 3))
		w.want(text("d", 3))
		if w.chunks[len(w.chunks)-1].Gap != nil {
			t.Error("a gap was told twice")
		}
		w.wantTold()
	}
	f(false)
	f(true)
}

func TestTruncatedWithoutACopy(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30)+"torn")
	w.want(text("a", 30))
	w.must(os.WriteFile(w.path("audit.log"), []byte(text("b", 60)), 0o600))
	w.want(text("b", 60))
	w.wantTold("audit.log: lines are missing behind byte")
	w.must(os.WriteFile(w.path("audit.log"), nil, 0o600))
	w.want("")
	w.add("audit.log", text("c", 1))
	w.want(text("c", 1))
	w.wantTold("audit.log: lines may be missing behind byte")
}

// What a shrunken file still has is read again rather than left out.
func TestFileThatShrinks(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 100))
	w.want(text("a", 100))
	w.must(os.Truncate(w.path("audit.log"), int64(len(text("a", 50)))))
	w.want(text("a", 50))
	w.wantTold("lines may be missing")
}

func TestDeletion(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	w.add("audit.log", text("b", 3)+"torn")
	w.remove("audit.log")
	w.want(text("b", 3))
	w.add("audit.log", text("c", 30))
	w.want(text("c", 30))
	w.wantTold("audit.log: lines may be missing")
	w.later(time.Minute)
	w.want("torn\n")
	w.remove("audit.log")
	w.want("")
	w.later(2 * time.Minute)
	w.want("")
	if len(w.log.open) != 0 {
		t.Errorf("%d files are open", len(w.log.open))
	}
	w.wantTold()
}

func TestBackupThatVanished(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	w.remove("audit.log")
	w.add("audit.log.1", text("c", 30))
	w.add("audit.log", text("d", 30))
	w.restart()
	w.want(text("c", 30) + text("d", 30))
	w.wantTold("audit.log: lines may be missing behind byte")
}

// An inode is used again by a file that begins otherwise.
func TestInodeUsedAgain(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", text("a", 30))
	w.want(text("a", 30))
	w.must(os.Rename(w.path("audit.log"), w.path("audit.log.1")))
	marks := w.log.marks()
	w.must(os.WriteFile(w.path("audit.log.1"), []byte(text("b", 30)), 0o600)) // the same inode
	w.rename("audit.log.1", "audit.log")
	w.log.close()
	w.log = newLog(&w.cfg, new(counts), w.path("audit.log"))
	w.log.saved = marks
	w.want(text("b", 30))
	w.wantTold("lines may be missing")
}

func TestSymbolicLink(t *testing.T) {
	w := newWorld(t)
	w.must(os.Mkdir(w.path("real"), 0o700))
	w.add("real/0.log", text("a", 30))
	w.must(os.Symlink("real/0.log", w.path("audit.log")))
	w.want(text("a", 30))
	w.rename("real/0.log", "real/0.log.20261120-234903")
	w.add("real/0.log", text("b", 30))
	w.want(text("b", 30))
	w.add("real/1.log", text("c", 30))
	w.remove("audit.log")
	w.must(os.Symlink("real/1.log", w.path("audit.log")))
	w.want(text("c", 30))
	w.wantTold()
}

func TestLongLines(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.ChunkBytes, c.MaxLineBytes = 1000, 5000 })
	fits, tooLong := strings.Repeat("x", 5000)+"\n", strings.Repeat("y", 5001)+"\n"
	w.add("audit.log", "a\n"+fits+"b\n"+tooLong+"c\n"+tooLong+tooLong+"d\n")
	w.want("a\n" + fits + "b\nc\nd\n")
	w.wantTold("audit.log:4: line of more than 5000 bytes", "audit.log:6: ", "audit.log:7: ")
	w.add("audit.log", tooLong[:len(tooLong)/2])
	w.want("")
	w.add("audit.log", tooLong[len(tooLong)/2:len(tooLong)-1])
	w.want("")
	w.wantTold("audit.log:9: ")
	w.restart()
	w.want("")
	w.wantTold("audit.log:9: ")
	w.add("audit.log", "yyy\ne\n")
	w.want("e\n")
	w.wantTold()
	if c := w.chunks[len(w.chunks)-1]; c.Line != 10 {
		t.Errorf("line %d", c.Line)
	}
}

func TestHoleOfNULs(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.ChunkBytes = 1000 })
	w.add("audit.log", "a\n"+strings.Repeat("\x00", 5000)+"b\n")
	w.want("a\nb\n")
	w.wantTold("audit.log:2: 5000 NUL bytes left out")
}

func TestArchiveThatIsTorn(t *testing.T) {
	w := newWorld(t)
	all := text("abc", 3000)
	w.add("audit.log", text("z", 30))
	w.want(text("z", 30))
	w.add("audit.log.1", all)
	w.gzip("audit.log.1")
	info, err := os.Stat(w.path("audit.log.1.gz"))
	w.must(err)
	w.must(os.Truncate(w.path("audit.log.1.gz"), info.Size()*2/3))
	w.rename("audit.log", "audit.log.2")
	w.add("audit.log", text("c", 30))
	got := w.read()
	if got == "" || !strings.HasPrefix(all, got) {
		t.Fatalf("read %q", short(got))
	}
	w.wantTold("audit.log.1.gz: read: unexpected EOF")
	w.want("")
	w.wantTold()
	w.later(2 * time.Minute)
	rest := w.read()
	if !strings.HasSuffix(rest, text("c", 30)) {
		t.Fatalf("read %q", short(rest))
	}
	w.wantTold("audit.log: lines are missing behind byte")
}

func TestFilesThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.must(os.Mkdir(w.path("audit.log"), 0o700))
	for range 3 {
		w.want("")
	}
	w.wantTold("audit.log: open: not a regular file")
	w.must(os.Remove(w.path("audit.log")))
	w.add("audit.log", "a\n")
	w.want("a\n")
}

func TestEmptyFiles(t *testing.T) {
	w := newWorld(t)
	w.add("audit.log", "")
	w.add("audit.log.1", "")
	w.want("")
	w.rename("audit.log", "audit.log.2")
	w.add("audit.log", "a\n")
	w.want("a\n")
	w.rename("audit.log", "audit.log.3")
	w.add("audit.log", "")
	w.want("")
	w.add("audit.log", "b\n")
	w.want("b\n")
	w.wantTold()
}

// A rotator may be done with compressing a backup between the moment that its directory is read and the one that it is opened.
func TestBackupThatIsCompressedMeanwhile(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"audit.log.2", "audit.log.1"} {
		w.add(name, text(name, 30))
		w.gzip(name)
	}
	w.add("audit.log.1", text("audit.log.1", 30))
	listed := w.log.backups()
	listed = append(listed, backupFile{w.path("audit.log.2"), listed[0].Name})
	sortBackups(listed)
	all := w.log.lookAll(listed)
	defer closeAll(all)
	var got []string
	for _, f := range all {
		got = append(got, w.strip(f.path))
	}
	if want := "audit.log.2.gz audit.log.1"; strings.Join(got, " ") != want {
		t.Errorf("%q, want %s", got, want)
	}
	w.wantTold()
}
