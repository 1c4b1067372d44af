package audit

import (
	"fmt"
	"strings"
	"testing"
)

// TestTailsAreRemembered finds the tails of lines, also of such as have the same hash or end as others do, again and again.
func TestTailsAreRemembered(t *testing.T) {
	var f tails
	long := strings.Repeat("x", 60)
	for n := range 60 {
		i := n * 7 % 20
		for _, annotations := range []string{
			fmt.Sprintf(`{"a":"%d","b":"%s"}`, i, long),
			fmt.Sprintf(`{"a":"%s","annotations":{"b":"%s"}}`, strings.Repeat("y", i), long),
			fmt.Sprintf(`{"b":"%s"}`, long),
			`{}`,
		} {
			line := []byte(strings.Replace(written("a", ""), `{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}`, annotations, 1))
			tl := f.find(line)
			if got := string(line[tl.annotations.lo:tl.annotations.hi]); len(annotations) > 2 && got != annotations && !strings.HasSuffix(annotations, got+"}") {
				t.Fatalf("found %s in %s", got, line)
			}
			var e Event
			if _, err := e.decode(line, false, &tl); err != nil {
				t.Fatal(err)
			}
			sameAsOracle(t, &e, line)
		}
	}
}
