// Command bench measures the goals of docs/BENCHMARKS.md: `make bench`.
//
// What is compared takes turns on the same sections of one log, on one core, with the caches evicted before each turn. Times are CPU time.
// The log is built from the real one that ships with the project, each copy with ids and times of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

func main() {
	sample := flag.String("log", "examples/audit/sample.log", "real audit log to build the measured one from")
	binary := flag.String("binary", "bin/parallax", "built parallax, for the memory figures")
	rounds := flag.Int("rounds", 60, "turns of each contender")
	memory := flag.Bool("memory", true, "measure memory as well: a 2 GB log and one with ten million users")
	flag.Parse()
	if err := run(*sample, *binary, *rounds, *memory); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(sample, binary string, rounds int, memory bool) error {
	ts, err := auditlog.Read(sample)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d cores, %s; times are CPU nanoseconds per event\n", runtime.Version(), runtime.NumCPU(), cpuName())
	runtime.GOMAXPROCS(1)
	if err := speed(ts, rounds); err != nil {
		return err
	}
	if !memory {
		return nil
	}
	return memories(os.Stdout, ts, binary)
}

// speed measures P1, P3, P4 and P6.
func speed(ts []auditlog.Template, rounds int) error {
	dir, err := os.MkdirTemp("", "parallax-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sections, err := writeSections(dir, ts, 12, 4<<20)
	if err != nil {
		return err
	}
	if err := replayTable(sections, rounds); err != nil {
		return err
	}
	if err := rulesTable(sections, rounds); err != nil {
		return err
	}
	return allocations(sections)
}

// A section is a part of the log in a file of its own.
type section struct {
	file   string
	text   []byte
	events int
}

// writeSections writes so many sections of about size bytes each.
func writeSections(dir string, ts []auditlog.Template, sections, size int) ([]section, error) {
	out := make([]section, sections)
	for i := range out {
		s := &out[i]
		s.file = filepath.Join(dir, fmt.Sprintf("section-%02d.log", i))
		for n := 0; len(s.text) < size; n++ {
			at := i*len(ts)/3 + n // so that sections begin at different places of the log
			s.text = ts[at%len(ts)].Append(s.text, int64(at), 0, false)
			s.events++
		}
		if err := os.WriteFile(s.file, s.text, 0o600); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func cpuName() string {
	const key = "model name\t: "
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	i := auditlog.After(b, key)
	if i < 0 {
		return runtime.GOARCH
	}
	end := i
	for end < len(b) && b[end] != '\n' {
		end++
	}
	return string(b[i:end])
}
