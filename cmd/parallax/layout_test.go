package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// layouts are ways to print the same events.
func layouts(t *testing.T, lines []string, indent string) map[string]string {
	t.Helper()
	pretty := make([]string, len(lines))
	for i, line := range lines {
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(line), "", indent); err != nil {
			t.Fatal(err)
		}
		pretty[i] = b.String()
	}
	list := func(items []string, sep string) string {
		return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[` + strings.Join(items, sep) + "]}\n"
	}
	return map[string]string{
		"blanks behind":     strings.Join(lines, " \n") + "\t\n",
		"many blanks":       strings.Join(lines, strings.Repeat(" ", 100)+"\n"),
		"blanks before":     "  " + strings.Join(lines, "\n  "),
		"CRLF":              strings.Join(lines, "\r\n") + "\r\n",
		"one line":          strings.Join(lines, ""),
		"one line, commas":  strings.Join(lines, ", "),
		"lines with commas": strings.Join(lines, ",\n"),
		"pretty":            strings.Join(pretty, "\n") + "\n",
		"pretty, commas":    strings.Join(pretty, ",\n"),
		"array":             "[" + strings.Join(lines, ",\n") + "]\n",
		"pretty array":      "[\n" + strings.Join(pretty, ",\n") + "\n]\n",
		"list":              list(lines, ","),
		"pretty list":       list(pretty, ",\n"),
	}
}

// How a log is printed changes no alert.
func TestLayoutOfTheLogDoesNotMatter(t *testing.T) {
	log := read(t, sample)
	want := cli(t, "replay", sample).want(t, exitDone).out
	for name, text := range layouts(t, strings.Split(strings.TrimSpace(log), "\n"), "  ") {
		r := cliIn(t, text, "replay", "-").want(t, exitDone, "543 events")
		if strings.Contains(r.err, "bad line") {
			t.Errorf("%s: %s", name, r.err)
		}
		equal(t, name, want, r.out)
	}
}

// Nor does it where a request nests as deeply as the API server lets it. Blanks count for the longest value that is read, so that
// the deeper of the two goes without.
func TestLayoutOfDeepRequestsDoesNotMatter(t *testing.T) {
	for depth, indent := range map[int]string{600: "\t", 9_990: ""} {
		deep := strings.Repeat(`{"a":[`, depth/2) + strings.Repeat(`]}`, depth/2)
		line := `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete",` +
			`"requestURI":"/api/v1/namespaces/dev/pods","verb":"create","user":{"username":"eve"},"sourceIPs":["192.0.2.1"],` +
			`"objectRef":{"resource":"pods","namespace":"dev","name":"p","apiVersion":"v1"},"responseStatus":{"code":201},` +
			`"requestObject":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"deep":` + deep + `,"spec":{"hostPID":true,"containers":[{"name":"c","image":"i"}]}},` +
			`"requestReceivedTimestamp":"2026-11-20T10:00:00.000000Z","stageTimestamp":"2026-11-20T10:00:00.100000Z"}`
		want := cliIn(t, line, "replay", "-").want(t, exitDone, "1 event ").out
		if !strings.Contains(want, `"R02"`) {
			t.Fatalf("depth %d: no R02 in %s", depth, want)
		}
		for name, text := range layouts(t, []string{line}, indent) {
			equal(t, name, want, cliIn(t, text, "replay", "-").want(t, exitDone, "1 event ").out)
		}
	}
}
