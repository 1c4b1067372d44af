package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
	"github.com/parallax-sec/parallax/ingest/kernel/recording"
)

// kernelRules finds shells with a terminal and mounts.
const kernelRules = `
- rule: Shell
  id: K-1
  desc: a shell with a terminal
  condition: evt.type = execve and proc.name = sh and proc.tty != 0
  output: "%proc.cmdline in %k8s.ns.name/%k8s.pod.name"
  priority: WARNING
  source: syscall
- rule: Mount
  id: K-2
  desc: a mount
  condition: evt.type = mount
  output: "%proc.cmdline of %proc.pname on %evt.hostname"
  priority: ERROR
  source: syscall
`

// shopNode is a node with a shell every minute from 23:40 to 23:59, each of which mounts something: 40 alerts.
func shopNode(node string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"start":{"node":%q,"epoch":%d,"time":"2026-11-20T23:39:00Z"}}
{"container":{"name":"web","pod":"web-1","namespace":"shop","image":"nginx:1.27"}}
{"exec":{"pid":100,"container":"web","exe":"/usr/sbin/nginx"}}
`, node, len(node))
	for minute := 40; minute < 60; minute++ {
		fmt.Fprintf(&b, `{"exec":{"time":"2026-11-20T23:%d:00.5Z","pid":%d,"container":"web","exe":"/bin/sh","tty":"pts/0"}}
{"mount":{"pid":%[2]d,"source":"/dev/sda1","target":"/mnt"}}
{"exit":{"pid":%[2]d}}
`, minute, 1000+minute)
	}
	return b.String()
}

// recorded is a recording of what happened, with a block for each few frames.
func recorded(t *testing.T, happened string) string {
	t.Helper()
	batches, err := kerneltest.Read([]byte(happened))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := recording.NewWriter(&out)
	for i, b := range batches {
		if err == nil {
			err = w.Write(b.Data)
		}
		if err == nil && i%7 == 6 {
			err = w.Flush()
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// ruleIDs are "TIME RULE" of each document.
func ruleIDs(t *testing.T, out string) (ids []string) {
	t.Helper()
	for _, d := range documents(t, out) {
		ids = append(ids, d.Timestamp[11:19]+" "+d.Rule.ID)
	}
	return ids
}

func TestReplayOfARecording(t *testing.T) {
	rules := write(t, "kernel.yaml", kernelRules)
	node := write(t, "whatever.log", recorded(t, shopNode("node-1")))
	r := cli(t, "replay", "--rules", rules, "--no-builtin", node).want(t, exitDone, "40 alerts: 20 high, 20 medium")
	ids := ruleIDs(t, r.out)
	if len(ids) != 40 || ids[0] != "23:40:00 K-1" || ids[1] != "23:40:00 K-2" || !slices.IsSorted(ids) {
		t.Errorf("%q", ids)
	}
	if !strings.Contains(r.out, "sh of runc on node-1") {
		t.Error(r.out[:1000])
	}
	piped := cliIn(t, read(t, node), "replay", "--rules", rules, "--no-builtin", "-").want(t, exitDone)
	equal(t, "standard input", r.out, piped.out)
}

func TestReplayMergesRecordingsAndLogs(t *testing.T) {
	rules := write(t, "kernel.yaml", kernelRules)
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a": recorded(t, shopNode("node-1")), "b": recorded(t, shopNode("other-node")), "audit.log": read(t, sample),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, b, log := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "audit.log")
	first := cli(t, "replay", "--rules", rules, a, b, log).want(t, exitDone)
	ids := ruleIDs(t, first.out)
	if kernel := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !strings.Contains(id, " K-") }); len(kernel) != 80 || len(ids) < 100 {
		t.Errorf("%d of %d alerts are the kernel's", len(kernel), len(ids))
	}
	if strings.Contains(first.out, `"late":true`) {
		t.Error("something was late")
	}
	for i, args := range [][]string{
		{"--workers", "1", log, b, a},
		{"--workers", "7", dir},
		{"--workers", "2", dir, a, log},
	} {
		again := cli(t, append([]string{"replay", "--rules", rules}, args...)...).want(t, exitDone)
		equal(t, fmt.Sprintf("run %d", i), first.out, again.out)
	}
	for _, in := range []struct{ stdin, file string }{{read(t, log), a}, {read(t, a), log}} {
		again := cliIn(t, in.stdin, "replay", "--rules", rules, "-", in.file, b).want(t, exitDone)
		equal(t, "standard input", first.out, again.out)
	}
}

func TestReplayOfPartOfARecording(t *testing.T) {
	rules, node := write(t, "kernel.yaml", kernelRules), write(t, "node.plx", recorded(t, shopNode("node-1")))
	r := cli(t, "replay", "--rules", rules, "--since", "2026-11-20T23:45:00Z", "--until", "2026-11-20T23:47:00Z", "--rule", "K-2", sample, node).want(t, exitDone)
	if diff := strings.Join(ruleIDs(t, r.out), ", "); diff != "23:45:00 K-2, 23:46:00 K-2" {
		t.Error(diff)
	}
}

func TestReplayOfAllEvents(t *testing.T) {
	rules, node := write(t, "kernel.yaml", kernelRules), write(t, "node.plx", recorded(t, shopNode("node-1")))
	r := cli(t, "replay", "--rules", rules, "--no-builtin", "--events", node).want(t, exitDone, "40 alerts")
	kinds := map[string]int{}
	for line := range strings.Lines(r.out) {
		for _, kind := range []string{"alert", "event"} {
			if strings.Contains(line, `"kind":"`+kind+`"`) {
				kinds[kind]++
			}
		}
	}
	if kinds["alert"] != 40 || kinds["event"] != 61 { // one entry point, and of each shell its start, mount and end
		t.Errorf("%v", kinds)
	}
}

func TestReplayTellsWhatWasLost(t *testing.T) {
	node := write(t, "node.plx", recorded(t, `{"lost":{"reason":"bulk_full","n":1200}}
{"lost":{"reason":"rare_full","n":34,"cpu":1}}
`))
	cli(t, "replay", node).want(t, exitDone, "lost when the kernel was recorded: 1,200 records (bulk_full)\nlost when the kernel was recorded: 34 records (rare_full)\n")
}

func TestReplayOfADamagedRecording(t *testing.T) {
	rules, whole := write(t, "kernel.yaml", kernelRules), recorded(t, shopNode("node-1"))
	cut := write(t, "cut.plx", whole[:len(whole)-100])
	r := cli(t, "replay", "--rules", rules, "--no-builtin", cut).want(t, exitDone, "cut.plx:", "the recording ends early", "1 bad line, left out")
	if n := len(ruleIDs(t, r.out)); n < 30 || n >= 40 {
		t.Errorf("%d alerts", n)
	}
	cli(t, "replay", "--rules", rules, "--no-builtin", "--strict", cut).want(t, exitFailed, "(--strict): ", "cut.plx:")
	other := write(t, "other.plx", whole[:8]+"\x07"+whole[9:])
	cli(t, "replay", "--rules", rules, "--no-builtin", other, sample).want(t, exitDone, "other.plx:1: head of the recording", "543 events")
	empty := write(t, "empty.plx", whole[:16])
	cli(t, "replay", empty).want(t, exitDone, "0 events")
}
