package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// quoted is text as a JSON string.
func quoted(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// captured is a file of Event Hubs Capture with one message.
func captured(body string) string {
	long := func(n int) string { return string(binary.AppendVarint(nil, int64(n))) }
	text := func(s string) string { return long(len(s)) + s }
	const sync = "0123456789abcdef"
	record := text(body)
	return "Obj\x01" + long(1) + text("avro.schema") + text(`{"type":"record","name":"EventData","fields":[{"name":"Body","type":"bytes"}]}`) +
		long(0) + sync + long(1) + long(len(record)) + record + sync
}

// What a cloud puts around a log changes no alert.
func TestEnvelopesDoNotMatter(t *testing.T) {
	want := cli(t, "replay", sample).want(t, exitDone).out
	lines := strings.Split(strings.TrimSpace(read(t, sample)), "\n")
	wrap := func(before, after, sep string) string {
		var out []string
		for _, l := range lines {
			out = append(out, before+quoted(t, l)+after)
		}
		return strings.Join(out, sep)
	}
	aks := `{"records":[` + wrap(`{"category":"kube-audit","properties":{"log":`, `}}`, ",") + `]}`
	for name, text := range map[string]string{
		"export":       "2026-11-20T23:49:03.111Z " + strings.Join(lines, "\n2026-11-20T23:49:03.111Z ") + "\n",
		"subscription": `{"messageType":"DATA_MESSAGE","logStream":"kube-apiserver-audit-1","logEvents":[` + wrap(`{"id":"1","message":`, `}`, ",") + `]}`,
		"pretty":       "{\n  \"events\": [\n" + wrap("    {\n      \"message\": ", "\n    }", ",\n") + "\n  ]\n}\n",
		"Event Hub":    aks,
		"capture":      captured(aks),
		"storage":      wrap(`{"category":"kube-audit-admin","properties":{"log":`, `}}`, "\r\n"),
		"Fluent Bit":   wrap(`{"log":`, `}`, "\n"),
		"an array":     "[" + wrap(`{"log":`, `}`, ",") + "]",
	} {
		r := cliIn(t, text, "replay", "-").want(t, exitDone, "543 events")
		if strings.Contains(r.err, "bad line") {
			t.Errorf("%s: %s", name, r.err)
		}
		equal(t, name, want, r.out)
	}
}

// Several files of envelopes are merged by event time as plain ones are.
func TestEnvelopesInSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	lines := strings.Split(strings.TrimSpace(read(t, sample)), "\n")
	for i := range 3 {
		var b strings.Builder
		for j := i; j < len(lines); j += 3 {
			b.WriteString(`{"log":` + quoted(t, lines[j]) + "}\n")
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.log", i)), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "three files", cli(t, "replay", sample).out, cli(t, "replay", dir).want(t, exitDone, "543 events").out)
}

// What stands among the events of other logs is no bad line, and told.
func TestOtherLogsAmongEvents(t *testing.T) {
	log := `{"log":"I1120 23:49:03.111977 1 x.go:1] y"}` + "\n" + read(t, sample)
	r := cliIn(t, log, "replay", "-").want(t, exitDone, "543 events", "1 piece left out: logs of other components")
	if strings.Contains(r.err, "bad line") {
		t.Error(r.err)
	}
}
