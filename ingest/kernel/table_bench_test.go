package kernel

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// BenchmarkTable is the life of a process: fork, exec with a command that came before, exit.
func BenchmarkTable(b *testing.B) {
	w := newTreeWorld(b, TableConfig{})
	init := w.started(box("c1", 7), 100)
	p := w.child(init, 101)
	fork, exec, exit := w.head(p), &bpf.Exec{Head: *w.head(p)}, &bpf.Exit{Head: *w.head(p)}
	texts := bpf.ExecTexts{Exe: []byte("ls\x00bin\x00usr\x00"), Cwd: []byte("root\x00"), Argv: []byte("ls\x00-l\x00/var/lib/something\x00")}
	b.ReportAllocs()
	for i := range uint64(b.N) {
		pid, at := 1000+uint32(i%30_000), 10e9+i*100_000
		for n, h := range []*bpf.Head{fork, &exec.Head, &exit.Head} {
			h.Pid, h.Tid, h.StartNs, h.TimeNs = pid, pid, at, at+uint64(n)
		}
		w.Fork(fork, p.c)
		w.Exec(exec, texts, p.c, ViaCgroup)
		w.Exit(exit, p.c)
	}
}

// What a node's processes take: 100 containers with 30 processes each, and twice as many that ended lately.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w := newTreeWorld(t, TableConfig{})
	var p *task
	for i := range uint32(100) {
		init := w.started(box(fmt.Sprint("c", i), i+7), 1000*i+1000)
		for j := range uint32(90) {
			p = w.fork(init, 1000*i+1001+j)
			w.exec(p, fmt.Sprintf("program%d\x00--config=/etc/program/%d\x00--verbose\x00", j, i))
			if j%3 != 0 {
				w.exit(p)
			}
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	bytes := int(after.HeapAlloc) - int(before.HeapAlloc)
	s := w.Stats()
	t.Logf("%d KiB for %+v: %d bytes each", bytes>>10, s, bytes/(s.Running+s.Ended))
	if s.Running != 3100 || s.Ended != 6000 || bytes > 12<<20 {
		t.Errorf("%d bytes for %+v", bytes, s)
	}
	runtime.KeepAlive(w)
}
