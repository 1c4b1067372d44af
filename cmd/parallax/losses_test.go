package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

func TestPrintLost(t *testing.T) {
	var b bytes.Buffer
	printLost(&b, []bpf.Lost{{CPU: -1, Reason: "sessions_lost", N: 1}, {CPU: 2, Reason: "marks_full"}, {CPU: -1, Reason: "x\x1b", N: 2}}, " for lack of room")
	equal(t, "lines", "lost for lack of room: 1 session of a process (sessions_lost)\nlost for lack of room: 2 things (x\\x1b)\n", b.String())
}

// A container that forks more than the table holds takes from itself, and the replay says so.
func TestReplayTellsWhatFoundNoRoom(t *testing.T) {
	var lines strings.Builder
	lines.WriteString(`{"container":{"name":"web"}}
{"exec":{"pid":100,"container":"web","exe":"/bin/bomb"}}
`)
	for i := range 8200 {
		fmt.Fprintf(&lines, `{"fork":{"time":"+1us","pid":%d,"parent":100}}`+"\n", 1000+i)
	}
	lines.WriteString(`{"beat":{}}` + "\n")
	node := write(t, "node.plx", recorded(t, lines.String()))
	got := cli(t, "replay", "--events", "-o", "json", node).want(t, exitDone, "lost for lack of room: 9 processes (table_full)\n")
	if !strings.Contains(got.out, `"table_full"`) {
		t.Error("no event tells of it")
	}
}
