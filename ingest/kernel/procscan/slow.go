package procscan

import (
	"path/filepath"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"golang.org/x/sys/unix"
)

// slowReader reads what a process can make slow, or hang: arguments lie in its memory, which may have to be fetched and whose lock it may
// hold, and the executable on a file system that it may serve itself. Each process has a second to answer. One that does not keeps a
// goroutine, and a thread, until it does or ends; after maxStuck of them such things are not read any more.
type slowReader struct {
	proc     string
	requests chan string
	answers  chan image
	patience time.Duration
	stuck    int
}

const (
	maxStuck = 8
	maxArgv  = 4096 // bytes, as records have (ARGV_MAX)
)

// image is what was read of a process's program.
type image struct {
	argv []byte
	file unix.Statx_t
	ok   bool // file is set
}

func newSlowReader(proc string) *slowReader {
	r := &slowReader{proc: proc, patience: time.Second}
	r.start()
	return r
}

// start begins a goroutine that answers; it ends when its requests do.
func (r *slowReader) start() {
	requests, answers := make(chan string), make(chan image, 1)
	r.requests, r.answers = requests, answers
	go func() {
		for pid := range requests {
			answers <- readImage(filepath.Join(r.proc, pid))
		}
	}()
}

func (r *slowReader) close() { close(r.requests) }

func (r *slowReader) read(pid string) image {
	if r.stuck >= maxStuck {
		return image{}
	}
	r.requests <- pid
	timer := time.NewTimer(r.patience)
	defer timer.Stop()
	select {
	case i := <-r.answers:
		return i
	case <-timer.C:
		r.stuck++
		r.close()
		r.start()
		return image{}
	}
}

func readImage(folder string) image {
	var i image
	i.argv = readFile(filepath.Join(folder, "cmdline"), maxArgv+1)
	const what = unix.STATX_INO | unix.STATX_MODE | unix.STATX_NLINK | unix.STATX_CTIME | unix.STATX_MTIME
	i.ok = unix.Statx(unix.AT_FDCWD, filepath.Join(folder, "exe"), unix.AT_STATX_DONT_SYNC, what, &i.file) == nil
	return i
}

// tell takes over arguments and file. How many arguments there are is not known where they are cut.
func (i image) tell(p *kernel.Program) {
	if argv := i.argv; len(argv) > 0 {
		if len(argv) > maxArgv {
			argv, p.ArgsCut = argv[:maxArgv], true
		}
		p.Args = strings.Split(strings.TrimSuffix(string(argv), "\x00"), "\x00")
		p.Argc, p.ArgvBytes = uint32(len(p.Args)), uint32(len(argv))
	}
	if !i.ok {
		return
	}
	f := &i.file
	p.ExeIno, p.ExeMode, p.ExeDeleted = f.Ino, uint32(f.Mode), f.Nlink == 0
	p.ExeDev = f.Dev_major<<20 | f.Dev_minor
	p.ExeCtimeNs, p.ExeMtimeNs = wallNs(f.Ctime), wallNs(f.Mtime)
}

func wallNs(t unix.StatxTimestamp) uint64 { return uint64(t.Sec)*1e9 + uint64(t.Nsec) }
