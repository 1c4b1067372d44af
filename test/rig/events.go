package rig

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// Event is an audit event as a line of a log.
type Event struct {
	At   time.Time
	Line string
}

// execFormat is a command in a pod that alerts (R20): audit id, pod, pod, twice the time, more fields.
const execFormat = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"%s","stage":"ResponseStarted",` +
	`"requestURI":"/api/v1/namespaces/shop/pods/%s/exec?command=sh&container=main&stdin=true&stdout=true&tty=true","verb":"get",` +
	`"user":{"username":"alice","groups":["dev","system:authenticated"]},"sourceIPs":["192.0.2.7"],"userAgent":"kubectl/v1.35.4",` +
	`"objectRef":{"resource":"pods","namespace":"shop","name":"%[2]s","apiVersion":"v1","subresource":"exec"},"responseStatus":{"metadata":{},"code":101},` +
	`"requestReceivedTimestamp":"%[3]s","stageTimestamp":"%[3]s"%[4]s}`

const stampFormat = "2006-01-02T15:04:05.000000Z"

func podExec(id, pod string, at time.Time, more string) Event {
	return Event{at, fmt.Sprintf(execFormat, id, pod, at.UTC().Format(stampFormat), more)}
}

// Execs returns audit events of commands in pods, n of them from number first on, each of which is an alert of its own. Their
// times lie step apart, from begin on. One in ten has the audit id and the times of the one before, which only somebody who wants it
// to pass for a repetition gives it.
func Execs(first, n int, begin time.Time, step time.Duration) []Event {
	out := make([]Event, n)
	for i := range out {
		at, same := first+i, first+i
		if at%10 == 9 {
			same--
		}
		out[i] = podExec(fmt.Sprintf("audit-%d", same), fmt.Sprintf("web-%d", at%7), begin.Add(time.Duration(same)*step), "")
	}
	return out
}

// Large returns the same kind of event with size bytes in it that hardly get smaller when they are compressed.
func Large(number int, at time.Time, size int, rnd *rand.ChaCha8) Event {
	random := make([]byte, size*3/4)
	_, _ = rnd.Read(random) // never fails
	return podExec(fmt.Sprintf("large-%d", number), "web-0", at, `,"responseObject":{"noise":"`+base64.StdEncoding.EncodeToString(random)+`"}`)
}

// ReadLog reads the events of a log.
func ReadLog(t testing.TB, file string) []Event {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []Event
	for line := range bytes.Lines(data) {
		var head struct{ StageTimestamp time.Time }
		if err := json.Unmarshal(line, &head); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out = append(out, Event{head.StageTimestamp, strings.TrimSpace(string(line))})
	}
	return out
}

// Log makes the text of a log of events.
func Log(events []Event) string {
	var out strings.Builder
	for _, e := range events {
		out.WriteString(e.Line + "\n")
	}
	return out.String()
}

// List makes a body of events, as API servers send them.
func List(events []Event) []byte {
	lines := make([]string, len(events))
	for i, e := range events {
		lines[i] = e.Line
	}
	return []byte(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[` + strings.Join(lines, ",") + "]}\n")
}

// Mix makes bodies of at most size events, as a bad day has them come: events less than within apart change places, some come in
// several bodies, and some bodies come twice.
func Mix(rnd *rand.Rand, events []Event, size int, within time.Duration) [][]byte {
	type place struct {
		at    time.Time
		event Event
	}
	places := make([]place, 0, len(events))
	for _, e := range events {
		for again := true; again; again = rnd.IntN(10) == 0 {
			places = append(places, place{e.At.Add(time.Duration(rnd.Int64N(int64(within)))), e})
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return a.at.Compare(b.at) })
	var out [][]byte
	for len(places) > 0 {
		some := make([]Event, min(1+rnd.IntN(size), len(places)))
		for i := range some {
			some[i] = places[i].event
		}
		places = places[len(some):]
		out = append(out, List(some))
		if rnd.IntN(10) == 0 {
			out = append(out, out[rnd.IntN(len(out))])
		}
	}
	return out
}
