package audit

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
)

// asJSON is v as JSON on one line.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type jsonObject = map[string]any

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// each makes one line for each event.
func each(t testing.TB, events [][]byte, wrap func(string) any) string {
	t.Helper()
	var b strings.Builder
	for _, e := range events {
		b.WriteString(asJSON(t, wrap(string(e))) + "\n")
	}
	return b.String()
}

// every makes a list of what is made of each event.
func every(events [][]byte, wrap func(string) any) []any {
	var out []any
	for _, e := range events {
		out = append(out, wrap(string(e)))
	}
	return out
}

const gcpType = "type.googleapis.com/google.cloud.audit.AuditLog"

// envelopes are ways to hand on the same events, with what they are recognised as.
func envelopes(t testing.TB, events [][]byte) map[string]struct {
	text string
	kind envelope.Kind
} {
	t.Helper()
	message := func(e string) any {
		return jsonObject{"id": "1", "timestamp": 1790000000000, "message": e}
	}
	subscription := asJSON(t, jsonObject{
		"messageType": "DATA_MESSAGE", "owner": "1", "logGroup": "/aws/eks/c/cluster", "logStream": "kube-apiserver-audit-1f",
		"subscriptionFilters": []string{"all"}, "logEvents": every(events, message),
	})
	record := func(category string) func(e string) any {
		return func(e string) any {
			return jsonObject{
				"category": category, "operationName": "Microsoft.ContainerService/managedClusters/diagnosticLogs/Read",
				"properties": jsonObject{"log": e + "\n", "stream": "stdout", "pod": "kube-apiserver-1"}, "time": "2026-11-20T23:49:00Z",
			}
		}
	}
	lines := func(prefix string) string {
		return prefix + string(bytes.Join(events, []byte("\n"+prefix))) + "\n"
	}
	type way = struct {
		text string
		kind envelope.Kind
	}
	return map[string]way{
		"EKS subscription":      {subscription, envelope.CloudWatch},
		"EKS subscriptions":     {subscription + subscription, envelope.CloudWatch},
		"EKS Lambda":            {asJSON(t, jsonObject{"awslogs": jsonObject{"data": gzipped(t, subscription)}}), envelope.CloudWatch},
		"EKS Firehose":          {asJSON(t, jsonObject{"requestId": "r", "timestamp": 1, "records": []any{jsonObject{"data": gzipped(t, subscription)}}}), envelope.CloudWatch},
		"EKS Kinesis":           {asJSON(t, jsonObject{"Records": []any{jsonObject{"kinesis": jsonObject{"data": gzipped(t, subscription)}}}}), envelope.CloudWatch},
		"EKS get-log-events":    {asJSON(t, jsonObject{"events": every(events, message), "nextForwardToken": "f"}), envelope.CloudWatch},
		"EKS export":            {lines("2026-11-20T23:49:03.111Z "), envelope.CloudWatch},
		"EKS aws logs tail":     {lines("2026-11-20T23:49:03.111000+00:00 kube-apiserver-audit-1f "), envelope.CloudWatch},
		"AKS Event Hub":         {asJSON(t, jsonObject{"records": every(events, record("kube-audit"))}), envelope.AKS},
		"AKS storage":           {each(t, events, record("kube-audit-admin")), envelope.AKSAdmin},
		"AKS AzureDiagnostics":  {each(t, events, func(e string) any { return jsonObject{"Category": "kube-audit", "log_s": e, "pod_s": "p"} }), envelope.AKS},
		"AKS tables of the API": {azureTables(t, events), envelope.AKS},
		"Fluent Bit": {each(t, events, func(e string) any {
			return jsonObject{"date": 1.5, "log": e, "kubernetes": jsonObject{"container_name": "kube-apiserver", "namespace_name": "kube-system"}}
		}), envelope.Wrapped},
		"Fluent Bit, an array": {asJSON(t, every(events, func(e string) any { return jsonObject{"date": 1.5, "log": e} })), envelope.Wrapped},
		"Docker":               {each(t, events, func(e string) any { return jsonObject{"log": e + "\n", "stream": "stdout", "time": "2026"} }), envelope.Wrapped},
		"Logstash":             {each(t, events, func(e string) any { return jsonObject{"@timestamp": "2026", "message": e} }), envelope.Wrapped},
		"Vector, parsed":       {each(t, events, func(e string) any { return jsonObject{"host": "h", "message": json.RawMessage(e)} }), envelope.Wrapped},
		"Elasticsearch":        {each(t, events, func(e string) any { return jsonObject{"_index": "i", "_source": json.RawMessage(e)} }), envelope.Wrapped},
		"CRI":                  {lines("2026-11-20T23:49:03.111977123Z stdout F "), envelope.Wrapped},
		"oc adm node-logs":     {lines("ip-10-0-1-2.eu-west-1.compute.internal "), envelope.Wrapped},
		"three of them":        {asJSON(t, jsonObject{"message": asJSON(t, jsonObject{"awslogs": jsonObject{"data": gzipped(t, subscription)}})}), envelope.CloudWatch},
	}
}

// azureTables is an answer of Log Analytics.
func azureTables(t testing.TB, events [][]byte) string {
	t.Helper()
	rows := every(events, func(e string) any { return []any{"2026-11-20T23:49:00Z", "kube-audit", e} })
	columns := []jsonObject{{"name": "TimeGenerated", "type": "datetime"}, {"name": "Category", "type": "string"}, {"name": "log_s", "type": "string"}}
	return asJSON(t, jsonObject{"tables": []any{jsonObject{"name": "PrimaryResult", "columns": columns, "rows": rows}}})
}

// idsIn reads data and returns the ids of events and the faults, in order.
func idsIn(data string, seen *Seen) (ids, faults []string) {
	d := NewDecoder()
	d.CountTo(seen)
	d.Decode(&event.Batch{Origin: "log", Line: 1, Data: []byte(data)}, func(e event.Event) {
		ids = append(ids, e.(*Event).EventID())
	}, func(f event.Fault) { faults = append(faults, f.Error()) })
	return ids, faults
}

// An event has the same ids whatever it came in.
func TestEnvelopes(t *testing.T) {
	events := realLines(t)
	want, _ := idsIn(string(bytes.Join(events, []byte("\n"))), new(Seen))
	if len(want) != len(events) {
		t.Fatalf("%d ids of %d events", len(want), len(events))
	}
	for name, way := range envelopes(t, events) {
		var seen Seen
		got, faults := idsIn(way.text, &seen)
		n := uint64(len(events))
		if name == "EKS subscriptions" {
			got, n = got[:len(want)], 2*n
		}
		if d := cmp.Diff(want, got); d != "" || len(faults) > 0 {
			t.Errorf("%s: %d events, faults %q", name, len(got), faults[:min(len(faults), 3)])
		}
		if seen.Events(way.kind) != n {
			t.Errorf("%s: %d events are %s", name, seen.Events(way.kind), way.kind)
		}
	}
}

// Tables of AKS hold the members of an event as columns.
func TestAKSTables(t *testing.T) {
	var events [][]byte
	for _, e := range realLines(t) {
		if !bytes.Contains(e, []byte(`"impersonatedUser"`)) { // there is no column for it
			events = append(events, e)
		}
	}
	want, _ := idsIn(string(bytes.Join(events, []byte("\n"))), nil)
	row := func(table string, texts bool) func(e string) any {
		return func(e string) any { return tableRow(t, e, table, texts) }
	}
	f := func(text string, kind envelope.Kind) {
		t.Helper()
		var seen Seen
		got, faults := idsIn(text, &seen)
		if d := cmp.Diff(want, got); d != "" || len(faults) > 0 {
			t.Errorf("%d events, faults %q", len(got), faults[:min(len(faults), 3)])
		}
		if n := seen.Events(kind); n != uint64(len(events)) {
			t.Errorf("%d events are %s", n, kind)
		}
	}
	f(each(t, events, row("AKSAudit", false)), envelope.AKSTable)
	f(each(t, events, row("AKSAudit", true)), envelope.AKSTable)
	f(asJSON(t, every(events, row("AKSAuditAdmin", true))), envelope.AKSAdminTable)
}

// tableRow is an event as a row of AKSAudit, its dynamic columns as values or as texts.
func tableRow(t testing.TB, text, table string, texts bool) jsonObject {
	t.Helper()
	var e map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatal(err)
	}
	row := jsonObject{"TenantId": "t", "TimeGenerated": "2026-11-20T23:49:03Z", "Type": table, "PodName": "kube-apiserver-1"}
	for column, key := range map[string]string{
		"AuditId": "auditID", "Level": "level", "Stage": "stage", "RequestUri": "requestURI", "Verb": "verb", "UserAgent": "userAgent",
		"RequestReceivedTime": "requestReceivedTimestamp", "StageReceivedTime": "stageTimestamp",
	} {
		row[column] = e[key]
		if e[key] == nil {
			row[column] = ""
		}
	}
	for column, key := range map[string]string{
		"User": "user", "SourceIps": "sourceIPs", "ObjectRef": "objectRef", "ResponseStatus": "responseStatus",
		"RequestObject": "requestObject", "ResponseObject": "responseObject", "Annotations": "annotations",
	} {
		row[column] = e[key]
		if texts || e[key] == nil {
			row[column] = string(e[key])
		}
	}
	return row
}

// What is of other logs is counted and no fault; what a container printed is no event, whatever it looks like.
func TestOtherLogs(t *testing.T) {
	e := written("a", "")
	f := func(text string, what envelope.Other, n uint64) {
		t.Helper()
		var seen Seen
		ids, faults := idsIn(text, &seen)
		if len(ids) > 0 || len(faults) > 0 || seen.Others(what) != n {
			t.Errorf("%.120s: events %q, faults %q, %d %s", text, ids, faults, seen.Others(what), what)
		}
	}
	events := []any{jsonObject{"message": e}, jsonObject{"message": "I1120 23:49:03.111977 1 x.go:1] y"}}
	f(asJSON(t, jsonObject{"messageType": "DATA_MESSAGE", "logStream": "authenticator-1f", "logEvents": events}), envelope.OtherComponent, 2)
	f(asJSON(t, jsonObject{"messageType": "DATA_MESSAGE", "logStream": "kube-apiserver-1f", "logEvents": events}), envelope.OtherComponent, 2)
	f(asJSON(t, jsonObject{"messageType": "CONTROL_MESSAGE", "logStream": "", "logEvents": events}), envelope.ControlMessage, 1)
	f(asJSON(t, jsonObject{"events": []any{jsonObject{"logStreamName": "kube-scheduler-1f", "message": e}}}), envelope.OtherComponent, 1)
	f(asJSON(t, jsonObject{"logStreamName": "kube-scheduler-1f", "message": e}), envelope.OtherComponent, 1)
	f("2026-11-20T23:49:03.111Z I1120 23:49:03.111977       1 x.go:1] y {z}\n", envelope.OtherComponent, 1)
	f("2026-11-20T23:49:03.111Z time=\"2026-11-20T23:49:03Z\" level=info msg=\"access granted\" arn=\"a\"\n", envelope.OtherComponent, 1)
	f("2026-11-20T23:49:03.111977123Z stderr F W1120 23:49:03.111977       1 x.go:1] y\n", envelope.OtherComponent, 1)
	f("2026-11-20T23:49:03.111Z authenticator-1f "+e, envelope.OtherComponent, 1)
	for _, category := range []string{"kube-apiserver", "guard", "cluster-autoscaler"} {
		f(asJSON(t, jsonObject{"records": []any{jsonObject{"category": category, "properties": jsonObject{"log": e}}}}), envelope.OtherComponent, 1)
	}
	f(asJSON(t, jsonObject{"log": `{"ts":1.5,"caller":"x.go:1","msg":"y","v":0}`}), envelope.OtherComponent, 1)
	f(asJSON(t, jsonObject{"log": "E1120 23:49:03.111977       1 x.go:1] y\n"}), envelope.OtherComponent, 1)
	f(asJSON(t, jsonObject{"protoPayload": jsonObject{"@type": gcpType, "serviceName": "container.googleapis.com", "methodName": "x.CreateCluster"}}), envelope.OtherService, 1)
	for _, from := range []jsonObject{
		{"container_name": "app", "namespace_name": "shop"},
		{"container_name": "kube-apiserver", "namespace_name": "shop"},
		{"container": jsonObject{"name": "app"}, "namespace": "kube-system"},
	} {
		f(asJSON(t, jsonObject{"log": e, "kubernetes": from}), envelope.OtherContainer, 1)
	}
}

func TestBadEnvelopes(t *testing.T) {
	good := written("a", "")
	deep := good
	for range envelope.MaxDepth + 1 {
		deep = asJSON(t, jsonObject{"log": deep})
	}
	bomb := gzipped(t, strings.Repeat(" ", 65<<20))
	f := func(text, want string, events int) {
		t.Helper()
		ids, faults := idsIn(good+"\n"+text+"\n"+good, nil)
		if len(ids) != 2+events || len(faults) != 1 || !strings.Contains(faults[0], want) || !strings.HasPrefix(faults[0], "log:2: ") {
			t.Errorf("%.100s: %d events, faults %q, want %q", text, len(ids), faults, want)
		}
	}
	f(deep, "more than 3 envelopes", 0)
	f(asJSON(t, jsonObject{"log": "no JSON"}), "is no JSON", 0)
	f(asJSON(t, jsonObject{"log": 5}), "without a text", 0)
	f(asJSON(t, jsonObject{"log": good[:len(good)-20]}), "unexpected end", 0)
	f(asJSON(t, jsonObject{"log": `{"kind":"Event"}`}), "apiVersion", 0)
	f(asJSON(t, jsonObject{"log": `{"a":1}`}), `no "kind"`, 0)
	f(asJSON(t, jsonObject{"a": good}), `no "kind"`, 0)
	f(asJSON(t, jsonObject{"records": []any{jsonObject{"category": "kube-audit", "properties": jsonObject{}}}}), "without a text", 0)
	f(asJSON(t, jsonObject{"records": []any{jsonObject{"x": 1}}}), "without a text", 0)
	f(asJSON(t, jsonObject{"awslogs": jsonObject{"data": "%%%"}}), "illegal base64", 0)
	f(asJSON(t, jsonObject{"awslogs": jsonObject{"data": "H4sIAAAA"}}), "packed text", 0)
	f(asJSON(t, jsonObject{"awslogs": jsonObject{"data": bomb}}), "too long", 0)
	f(asJSON(t, jsonObject{"messageType": "DATA_MESSAGE", "logStream": "kube-apiserver-audit-1", "logEvents": []any{
		jsonObject{"message": "torn"}, jsonObject{"message": good},
	}}), "is no JSON", 1)
	f(asJSON(t, jsonObject{"log": good + "\n\n" + good + "\ntorn"}), "unexpected", 2)
	f("2026-11-20T23:49:03.111Z torn", "expected a JSON object", 0)
	f("2026-11-20T23:49:03.111977123Z stdout P "+good, "expected a JSON object", 0)
	f("some words "+good, "expected a JSON object", 0)
	f(`torn","x":"y z `+good, "expected a JSON object", 0)
	f(asJSON(t, jsonObject{"AuditId": "x", "RequestUri": "/"}), "stageTimestamp", 0)
}

// Many small bombs in one line have one bound together.
func TestBombsTogether(t *testing.T) {
	bomb := gzipped(t, strings.Repeat(" ", 20<<20))
	var records []any
	for range 50 {
		records = append(records, jsonObject{"data": bomb})
	}
	_, faults := idsIn(asJSON(t, jsonObject{"records": records}), nil)
	if len(faults) != 50 || !strings.Contains(faults[49], "too long") {
		t.Errorf("%d faults", len(faults))
	}
}

func FuzzEnvelopes(f *testing.F) {
	events := [][]byte{[]byte(written("a", "")), []byte(written("b", `,"requestObject":{"x":[1]}`))}
	for _, way := range envelopes(f, events) {
		f.Add([]byte(way.text))
	}
	f.Add([]byte(each(f, events, func(e string) any { return tableRow(f, e, "AKSAudit", true) })))
	f.Add([]byte(gkeEntry))
	f.Fuzz(func(t *testing.T, data []byte) {
		whole := 0
		NewDecoder().Decode(&event.Batch{Origin: "log", Line: 1, Data: data, Whole: true}, func(e event.Event) {
			whole++
			e.(*Event).Details(event.ScopeEvent, 0)
		}, func(fault event.Fault) {
			if fault.Line < 1 || fault.Line > int64(1+bytes.Count(data, []byte("\n"))) {
				t.Errorf("fault in line %d", fault.Line)
			}
		})
	})
}

// Files as clouds and shippers write them, each with the same two events, and some with a piece of another log.
func TestEnvelopeFiles(t *testing.T) {
	read := func(name string) (ids []string, seen *Seen) {
		t.Helper()
		data, err := os.ReadFile("testdata/envelopes/" + name)
		if err != nil {
			t.Fatal(err)
		}
		seen = new(Seen)
		d := NewDecoder()
		d.CountTo(seen)
		b := &event.Batch{Origin: name, Line: 1, Data: data, Whole: strings.HasSuffix(name, ".json")}
		d.Decode(b, func(e event.Event) { ids = append(ids, e.(*Event).EventID()) }, func(f event.Fault) { t.Error(f) })
		return ids, seen
	}
	want, _ := read("plain.log")
	f := func(name string, kind envelope.Kind, other envelope.Other, others uint64) {
		t.Helper()
		ids, seen := read(name)
		if kind == envelope.GKE && len(ids) == 2 {
			ids = want // what GKE does not tell is part of the ids
		}
		if d := cmp.Diff(want, ids); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if seen.Events(kind) != 2 || seen.Others(other) != others {
			t.Errorf("%s: %d events are %s, %d pieces are %s", name, seen.Events(kind), kind, seen.Others(other), other)
		}
	}
	f("eks-subscription.json", envelope.CloudWatch, envelope.OtherComponent, 1)
	f("eks-export.log", envelope.CloudWatch, envelope.OtherComponent, 1)
	f("eks-filter-log-events.json", envelope.CloudWatch, envelope.OtherComponent, 0)
	f("aks-event-hub.json", envelope.AKS, envelope.OtherComponent, 1)
	f("aks-table.json", envelope.AKSTable, envelope.OtherComponent, 0)
	f("fluent-bit.jsonl", envelope.Wrapped, envelope.OtherContainer, 1)
	f("gke.json", envelope.GKE, envelope.OtherService, 1)
}
