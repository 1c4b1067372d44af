package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

// times is a pair of time stamps as the API server writes them.
const times = `"requestReceivedTimestamp":"2026-11-20T23:49:03.110759Z","stageTimestamp":"2026-11-20T23:49:03.111977Z"`

// written returns an event as the API server writes it. members are what stands between userAgent and the time stamps, each
// with a comma in front.
func written(id, members string) string {
	return `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"` + id + `","stage":"ResponseComplete",` +
		`"requestURI":"/api/v1/pods?a=1\u0026b=2","verb":"create","user":{"username":"alice","groups":["dev"]},` +
		`"sourceIPs":["192.0.2.2"],"userAgent":"kubectl"` + members + `,` + times +
		`,"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}`
}

// decodeAll returns what a Decoder makes of a batch, in order: the audit ids of events, and faults.
func decodeAll(b *event.Batch) (out []string) {
	NewDecoder().Decode(b, func(e event.Event) {
		ev := e.(*Event)
		id, _ := ev.str(&ev.auditID)
		ev.request() // so that bodies are looked at
		out = append(out, strings.Clone(id))
	}, func(f event.Fault) {
		out = append(out, f.Error())
	})
	return out
}

func TestDecoder(t *testing.T) {
	f := func(name, data string, want ...string) {
		t.Helper()
		got := decodeAll(&event.Batch{Origin: "log", Line: 1, Data: []byte(data)})
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	a, b, c := written("a", ""), written("b", `,"requestObject":{"x":[1]}`), written("c", `,"responseObject":{"y":"z"}`)
	item := func(s string) string {
		return strings.Replace(s, `"kind":"Event","apiVersion":"audit.k8s.io/v1",`, "", 1)
	}

	f("nothing", "")
	f("lines", a+"\n"+b+"\n"+c+"\n", "a", "b", "c")
	f("blank lines", "\n \r\n"+a+"\n\n\t"+b+" ", "a", "b")
	f("CRLF", a+"\r\n"+b+"\r\n", "a", "b")
	f("byte order mark, which the reader of the file cuts off", "\xef\xbb\xbf"+a+"\n"+b, `log:1: unexpected "\xef", expected a JSON object or array at byte 0`, "b")
	f("several values in a line", a+b+" "+c+"\n"+a, "a", "b", "c", "a")
	f("commas between values", a+","+b+" , "+c+"\n"+a, "a", "b", "c", "a")
	f("commas elsewhere", ","+a+"\n"+a+",,"+b+"\n"+a+",\n"+b, `log:1: unexpected ",", expected a JSON object or array at byte 0`,
		"a", fmt.Sprintf(`log:2: unexpected ",", expected a JSON object or array at byte %d`, len(a)+1),
		"a", fmt.Sprintf(`log:3: unexpected end of JSON at byte %d`, len(a)+1), "b")
	f("array", "["+a+", "+b+"]\n[]", "a", "b")
	f("list", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[`+item(a)+","+item(b)+","+c+"]}\n"+a, "a", "b", "c", "a")
	f("list, keys sorted", `{"apiVersion":"audit.k8s.io/v1", "items":[`+item(a)+`],"kind":"EventList"}`+b, "a", "b")
	f("list in an array", `[{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+item(a)+`]},`+b+"]", "a", "b")
	f("list without items", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1"}`)
	f("list, bad items", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+item(a)+`,{"auditID":5},3,{"kind":"EventList"},{"x":01},`+item(b)+`]}`,
		"a", "log:1: item 2: auditID is missing", "log:1: item 3: not a JSON object", "log:1: item 4: not an audit event: kind EventList",
		fmt.Sprintf("log:1: item 5: unexpected \"1\", expected , or } at byte %d", 60+len(item(a))+len(`{"auditID":5},3,{"kind":"EventList"},{"x":0`)+1), "b")
	f("list, sorted, bad item", `{"apiVersion":"audit.k8s.io/v1","items":[{"x":},`+item(a)+`],"kind":"EventList"}`, `log:1: item 1: unexpected "}", expected a value at byte 46`, "a")
	f("list cut off", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+item(a)+`,{"x":`, "a", fmt.Sprintf("log:1: item 2: value has no end at byte %d", 61+len(item(a))))
	f("list, items no array", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":{}}`, "log:1: items of a list are no array")
	f("list, items cut off", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":`, "log:1: items of a list are no array")
	f("list, items twice", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+item(a)+`],"items":[`+item(b)+`]}`,
		"a", `log:1: key "items" stands twice in a list of audit events`)
	f("list, kind twice", `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+item(a)+`],"kind":"Event"}`,
		"a", `log:1: key "kind" stands twice in a list of audit events`)
	f("list, sorted, items twice", `{"apiVersion":"audit.k8s.io/v1","items":[`+item(a)+`],"items":[`+item(b)+`],"kind":"EventList"}`, "b")
	f("array in an array", "[["+a+"],"+b+"]", "log:1: item 1: not a JSON object", "b")

	f("older version", strings.Replace(a, "/v1", "/v1beta1", 1)+"\n"+`{"kind":"EventList","apiVersion":"audit.k8s.io/v1alpha1","items":[]}`,
		"log:1: audit.k8s.io/v1beta1 is not read: start the API server with --audit-log-version=audit.k8s.io/v1 or --audit-webhook-version=audit.k8s.io/v1 (the default since Kubernetes 1.13)",
		"log:2: audit.k8s.io/v1alpha1 is not read: start the API server with --audit-log-version=audit.k8s.io/v1 or --audit-webhook-version=audit.k8s.io/v1 (the default since Kubernetes 1.13)")
	f("other kinds", `{"kind":"Pod","apiVersion":"v1"}`+"\n{}\n"+strings.Replace(a, "audit.k8s.io/v1", "x\x7f"+strings.Repeat("y", 99), 1),
		`log:1: not an audit event: kind "Pod"`, `log:2: not an audit event: no "kind"`, `log:3: not an audit event: apiVersion "x\x7f`+strings.Repeat("y", 62)+`"...`)
	f("no times", strings.Replace(a, "stageTimestamp", "x", 1)+"\n"+strings.Replace(a, "23:49:03.111977Z", "24:49:03.111977Z", 1)+"\n"+
		strings.Replace(a, `"2026-11-20T23:49:03.111977Z"`, "null", 1)+"\n"+strings.Replace(a, "2026-11-20T23:49:03.111977Z", "2400-11-20T23:49:03.111977Z", 1),
		"log:1: stageTimestamp is missing", `log:2: stageTimestamp "2026-11-20T24:49:03.111977Z": not a time as in RFC 3339`,
		"log:3: stageTimestamp is missing", `log:4: stageTimestamp "2400-11-20T23:49:03.111977Z": outside the years 1678 to 2261`)
	f("not JSON", "hello\n\x00\x00"+a+"\n"+`"x"`+"\n"+a,
		`log:1: unexpected "h", expected a JSON object or array at byte 0`, `log:2: unexpected "\x00", expected a JSON object or array at byte 0`,
		`log:3: unexpected "\"", expected a JSON object or array at byte 0`, "a")

	half := b[:strings.Index(b, `[1]`)]
	f("last line cut off", a+"\n"+half, "a", fmt.Sprintf("log:2: unexpected end of JSON at byte %d", len(half)))
	f("torn line joined with the next", half+c+"\n"+a, fmt.Sprintf("log:1: unexpected end of JSON at byte %d", len(half+c)), "a")
	half = b[:strings.Index(b, `x":[1]`)+1]
	f("line torn in a string, next line", half+c+"\n"+a, fmt.Sprintf(`log:1: unexpected "k", expected : at byte %d`, len(half)+len(`{"`)), "a")
	half = b[:strings.Index(b, `[1]`)]
	f("torn line, NULs, next line", half+"\x00\x00\x00"+c, fmt.Sprintf(`log:1: unexpected "\x00", expected a value at byte %d`, len(half)))
}

func TestDecoderOfDocuments(t *testing.T) {
	f := func(data string, want ...string) {
		t.Helper()
		if d := cmp.Diff(want, decodeAll(&event.Batch{Origin: "doc", Line: 7, Data: []byte(data), Whole: true})); d != "" {
			t.Errorf("%s (-want +got):\n%s", data, d)
		}
	}
	a := strings.ReplaceAll(written("a", `,"requestObject":{"x":"y,z"}`), ",\"", ",\n  \"")
	f(a, "a")
	f("\n"+a+"\n", "a")
	f("[\n"+a+",\n3,\n"+a+",\n4]", "a", "doc:24: item 2: not a JSON object", "a", "doc:41: item 4: not a JSON object")
}

// A fault carries the piece that it is about, and no more of it than there is room for.
func TestFaultsCarryThePiece(t *testing.T) {
	f := func(data string, want ...string) {
		t.Helper()
		var got []string
		NewDecoder().Decode(&event.Batch{Origin: "f", Line: 1, Data: []byte(data)}, func(event.Event) {}, func(f event.Fault) { got = append(got, string(f.Data)) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	f("rubbish\n{\"a\":1}\n", "rubbish", `{"a":1}`)
	f(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[1,{"x":"y"}]}`, "1", `{"x":"y"}`)
	f(`[{"x":"y"},2]`, `{"x":"y"}`, "2")
	f("x"+strings.Repeat("y", 1<<20), "x"+strings.Repeat("y", maxFaultData-1))
}
