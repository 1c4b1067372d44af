package audit

import (
	"fmt"
	"strings"
	"testing"
)

// TestAuthorization asks every event of a log in which texts of annotations come again, and others with the same hash between
// them, for what is remembered with the text.
func TestAuthorization(t *testing.T) {
	var lines []string
	for _, line := range sampleLines(t) {
		lines = append(lines, string(line))
	}
	end := strings.Repeat("x", tailBytes)
	for n := range 50 {
		i := n * 7 % 13
		for _, annotations := range []string{
			fmt.Sprintf(`{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"\"%d\" \u00e9 %s"}`, i, end),
			fmt.Sprintf(`{"authorization.k8s.io/decision":"%d","authorization.k8s.io/decision":"forbid","x":"%s"}`, i, end),
			fmt.Sprintf(`{"authorization.k8s.io/decision":"%d","authorization.k8s.io/decision":null,"x":"%s"}`, i, end),
		} {
			lines = append(lines, strings.Replace(written("a", ""), `{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}`, annotations, 1))
		}
	}
	var f tails
	var e Event
	for i, line := range append(lines, lines...) {
		line := []byte(line)
		tl := f.find(line)
		if _, err := e.decode(line, false, &tl); err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			continue // so that not all that is remembered was asked for
		}
		for key, got := range map[string]func() (string, bool){
			"authorization.k8s.io/decision": e.decision, "authorization.k8s.io/reason": e.decisionReason,
		} {
			want, wantOK := e.annotation(key)
			if got, ok := got(); got != want || ok != wantOK {
				t.Fatalf("%s: %q, %v, want %q, %v: %s", key, got, ok, want, wantOK, line)
			}
		}
	}
}
