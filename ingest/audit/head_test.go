package audit

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestHeadInAnyOrder reads events with the members of the head, and those of objectRef and responseStatus, left out, put into
// another order, or written twice.
func TestHeadInAnyOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	mix := func(members ...string) string {
		for range rnd.IntN(3) {
			i, j := rnd.IntN(len(members)), rnd.IntN(len(members))
			switch rnd.IntN(3) {
			case 0:
				members[i], members[j] = members[j], members[i]
			case 1:
				members = append(members[:i:i], members[i+1:]...)
			default:
				members = append(members, members[i])
			}
		}
		return strings.Join(members, ",")
	}
	var e Event
	for n := range 3000 {
		user := fmt.Sprintf(`"user":{%s}`, mix(`"username":"bob"`, `"uid":"1"`, `"groups":["a","b"]`, `"extra":{"k":["v"]}`))
		object := fmt.Sprintf(`"objectRef":{%s}`, mix(`"resource":"pods"`, `"namespace":"a\u0062"`, `"name":"x"`, `"uid":"1"`, `"apiGroup":"é"`, `"apiVersion":"v1"`,
			`"resourceVersion":"7"`, `"subresource":"exec"`))
		status := fmt.Sprintf(`"responseStatus":{%s}`, mix(`"metadata":{}`, `"status":"Failure"`, `"message":"pods \"x\" not found"`, `"reason":"NotFound"`,
			`"details":{"name":"x"}`, `"code":404`))
		members := mix(`"level":"Request"`, fmt.Sprintf(`"auditID":"%d"`, n), `"stage":"ResponseComplete"`, `"requestURI":"/a?b=1\u0026c=2"`, `"verb":"get"`, user,
			`"impersonatedUser":{"username":"eve"}`, `"sourceIPs":["::1"]`, `"userAgent":"curl"`, object, status)
		line := []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"",` + members + `,"auditID":"","annotations":{},` + times + `}`)
		if _, err := e.decode(line, false, &tail{}); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		sameAsOracle(t, &e, line)
		line = []byte(strings.Replace(string(line), `"auditID":"",`, "", 1))
		if _, err := e.decode(line, false, &tail{}); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		sameAsOracle(t, &e, line)
	}
}
