package rig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Execs returns audit events of commands in pods, n of them from number first on, each of which is an alert of its own (R20).
// Their times lie a millisecond apart, from begin on.
func Execs(first, n int, begin time.Time) []string {
	out := make([]string, n)
	for i := range out {
		at := begin.Add(time.Duration(first+i) * time.Millisecond).UTC().Format("2006-01-02T15:04:05.000000Z")
		out[i] = fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"audit-%d","stage":"ResponseStarted",`+
			`"requestURI":"/api/v1/namespaces/shop/pods/web-%d/exec?command=sh&container=main&stdin=true&stdout=true&tty=true","verb":"get",`+
			`"user":{"username":"alice","groups":["dev","system:authenticated"]},"sourceIPs":["192.0.2.7"],"userAgent":"kubectl/v1.35.4",`+
			`"objectRef":{"resource":"pods","namespace":"shop","name":"web-%d","apiVersion":"v1","subresource":"exec"},"responseStatus":{"metadata":{},"code":101},`+
			`"requestReceivedTimestamp":"%s","stageTimestamp":"%s"}`, first+i, (first+i)%7, (first+i)%7, at, at)
	}
	return out
}

// List makes a body of events, as API servers send them.
func List(events []string) []byte {
	return []byte(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[` + strings.Join(events, ",") + "]}\n")
}

// Key is what an alert is known by: its id and its revision.
type Key struct {
	ID       string
	Revision int
}

// Keys reads alerts as JSON lines, and counts how often each stands there. Every line must be whole.
func Keys(t testing.TB, lines []byte) map[Key]int {
	t.Helper()
	out := map[Key]int{}
	for line := range bytes.Lines(lines) {
		var doc struct {
			Event    struct{ ID string }
			Parallax struct{ Revision int }
		}
		if err := json.Unmarshal(line, &doc); err != nil || doc.Event.ID == "" || line[len(line)-1] != '\n' {
			t.Fatalf("%q: no line of an alert: %v", line, err)
		}
		out[Key{doc.Event.ID, doc.Parallax.Revision}]++
	}
	return out
}

// Same fails the test unless got holds what want does, each once.
func Same(t testing.TB, want, got map[Key]int) {
	t.Helper()
	missing, twice, more := 0, 0, 0
	for k := range want {
		switch n := got[k]; {
		case n == 0:
			missing++
		case n > 1:
			twice++
		}
	}
	for k := range got {
		if want[k] == 0 {
			more++
		}
	}
	if missing+twice+more > 0 {
		t.Errorf("of %d alerts, %d are missing, %d are there more than once; %d others", len(want), missing, twice, more)
	}
}
