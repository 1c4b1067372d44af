package audit

import (
	"fmt"
	"strings"
	"testing"
)

// TestClientsAreRemembered reads each event several times with one Event, as a Decoder does, the client standing elsewhere in
// the line each time: what is remembered of it has to read as encoding/json does.
func TestClientsAreRemembered(t *testing.T) {
	var e Event
	for _, line := range traps {
		for _, uri := range []string{"/api/v1/pods?a=1", "/", "/apis/x/" + strings.Repeat("y", 300), "/"} {
			line := []byte(strings.Replace(line, "/api/v1/pods?a=1", uri, 1))
			if _, err := e.decode(line, false, &tail{}); err != nil {
				t.Fatal(err)
			}
			sameAsOracle(t, &e, line)
		}
	}
	for range 2 {
		for _, line := range sampleLines(t) {
			if _, err := e.decode(line, false, &tail{}); err != nil {
				t.Fatal(err)
			}
			sameAsOracle(t, &e, line)
		}
	}
}

// TestClientsThatLookAlike reads clients whose hash is the same, one of them being how another begins.
func TestClientsThatLookAlike(t *testing.T) {
	var e Event
	long := strings.Repeat("g", 150)
	for n := range 40 {
		i := n * 7 % 20
		for _, more := range []string{
			`"],"uid":"u"},"sourceIPs":["192.0.2.1"]`,
			`"],"uid":"u"},"sourceIPs":["192.0.2.1"],"userAgent":"x"`,
			fmt.Sprintf(`"],"uid":"u%d"},"impersonatedUser":{"username":"bob"},"userAgent":"curl"`, i),
			fmt.Sprintf(`","h%d"],"extra":{"a":["b"]}},"userAgent":%d`, i, i),
			fmt.Sprintf(`","h%d"],"extra":{"a":["b"]}},"userAgent":%d`, i, i*10),
		} {
			line := []byte(strings.Replace(written("a", ""), `{"username":"alice","groups":["dev"]},"sourceIPs":["192.0.2.2"],"userAgent":"kubectl"`,
				`{"username":"alice","groups":["`+long+more, 1))
			if _, err := e.decode(line, false, &tail{}); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			sameAsOracle(t, &e, line)
		}
	}
}

// TestClientsThatAreBroken reads clients that are no JSON, between those that are.
func TestClientsThatAreBroken(t *testing.T) {
	var e Event
	good := written("a", "")
	for _, s := range []string{`["dev"`, `"dev"]`, `["dev",]`, `["dev"]}`, "[\"\x01\"]", `["\x"]`} {
		for range 2 {
			if _, err := e.decode([]byte(strings.Replace(good, `["dev"]`, s, 1)), false, &tail{}); err == nil {
				t.Errorf("read %s", s)
			}
			if _, err := e.decode([]byte(good), false, &tail{}); err != nil {
				t.Error(err)
			}
			sameAsOracle(t, &e, []byte(good))
		}
	}
}
