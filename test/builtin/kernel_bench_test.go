package builtin

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
	"github.com/parallax-sec/parallax/rules"

	"github.com/parallax-sec/parallax/test/loaded"
)

// busyNode is a stream of shells in containers that run one short program after the other.
func busyNode(tb testing.TB, containers, programs int) []byte {
	tb.Helper()
	var lines strings.Builder
	for c := range containers {
		fmt.Fprintf(&lines, `{"container":{"name":"web-%[1]d","pod":"web-%[1]d","namespace":"prod","image":"shop/web:1.%[1]d"}}
{"exec":{"pid":%[2]d,"container":"web-%[1]d","exe":"/bin/bash","argv":["bash","/entrypoint.sh"]}}
`, c, 1000+c)
	}
	for p := range programs {
		fmt.Fprintf(&lines, `{"exec":{"pid":%[1]d,"parent":%[2]d,"container":"web-%[3]d","exe":"/usr/bin/%[4]s","argv":["%[4]s","-l","/var/lib/data/%[1]d"]}}
{"exit":{"pid":%[1]d}}
`, 10_000+p, 1000+p%containers, p%containers, []string{"ls", "date", "grep", "sleep", "cut"}[p%5])
	}
	batches, err := kerneltest.Read([]byte(lines.String()))
	if err != nil {
		tb.Fatal(err)
	}
	var out []byte
	for i := range batches {
		out = append(out, batches[i].Data...)
	}
	return out
}

// BenchmarkKernel decodes and judges a stream of forks, execs and exits by the built-in rules.
func BenchmarkKernel(b *testing.B) {
	set, err := loaded.Set(nil)
	if err != nil {
		b.Fatal(err)
	}
	data := busyNode(b, 20, 5000)
	judge := set.NewJudge(rules.MatchAll)
	var matches []event.Match
	events, matched := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		kernel.NewDecoder().Decode(&event.Batch{Line: 1, Data: data}, func(e event.Event) {
			matches = judge.Judge(e, matches[:0])
			matched += len(matches)
			events++
		}, func(f event.Fault) { b.Fatal(f) })
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
	b.ReportMetric(float64(matched)/float64(events), "matches/event")
	b.ReportMetric(float64(events)/float64(b.N), "events/op")
}
