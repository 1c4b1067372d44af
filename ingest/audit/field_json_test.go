package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// TestPointerShortcuts compares what pointers lead to with what they lead to in the event as a whole, for members of any type.
func TestPointerShortcuts(t *testing.T) {
	const empty = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a",` + times
	values := []string{"", "null", "true", "1.5", `"x\u0026y"`, `["a", "b"]`, `{"0": {"b": null}}`}
	f := func(pointer string) {
		t.Helper()
		first, second, deep := strings.Cut(pointer[1:], "/")
		for _, value := range values {
			member := fmt.Sprintf(`"%s":%s`, first, value)
			switch {
			case value == "":
				member = fmt.Sprintf(`"%s":{}`, first)
			case deep:
				member = fmt.Sprintf(`"%s":{"other":1,"%s":%s}`, first, second, value)
			}
			e := decodeOne(t, empty+","+member+"}")
			a := event.Arg{Text: pointer, Has: true}
			if err := preparePointer(&a); err != nil {
				t.Fatal(err)
			}
			var got, want event.Value
			pointerValue(e, &a, &got)
			setNode(&want, e.whole().Lookup(tape.ParsePath(pointer)))
			if got.Kind() != want.Kind() || got.Text() != want.Text() {
				t.Errorf("%s in %s: %d %q, want %d %q", pointer, member, got.Kind(), got.Text(), want.Kind(), want.Text())
			}
			if e.BodyFault() != nil {
				t.Errorf("%s in %s: %v", pointer, member, e.BodyFault())
			}
		}
	}
	for _, p := range strings.Fields("level stage verb requestURI userAgent requestReceivedTimestamp sourceIPs sourceIPs/0 requestObject responseObject/0/b " +
		"user user/username user/uid user/groups user/groups/0 impersonatedUser/username impersonatedUser/groups annotations annotations/a annotations/0 annotations/- " +
		"responseStatus/code responseStatus/reason responseStatus/message objectRef/resource objectRef/namespace objectRef/name objectRef/uid " +
		"objectRef/apiGroup objectRef/apiVersion objectRef/subresource other other/0") {
		f("/" + p)
	}
}
