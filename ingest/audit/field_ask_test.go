package audit

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// none stands for a missing value in tests.
const none = "<NA>"

// newEvent decodes one event, written without what every event has.
func newEvent(t testing.TB, members string) *Event {
	t.Helper()
	doc := map[string]any{
		"kind": "Event", "apiVersion": "audit.k8s.io/v1", "auditID": "id", "stage": "ResponseComplete",
		"requestReceivedTimestamp": "2026-11-20T10:00:01.000000Z", "stageTimestamp": "2026-11-20T10:00:01.123456Z",
	}
	var own map[string]any
	if err := json.Unmarshal([]byte(members), &own); err != nil {
		t.Fatalf("%v in %s", err, members)
	}
	maps.Copy(doc, own)
	line, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return decodeLine(t, line)
}

// decodeLine decodes one event.
func decodeLine(t testing.TB, line []byte) *Event {
	t.Helper()
	e := new(Event)
	if _, err := e.decode(line, false, &tail{}); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return e
}

// question is a field and its argument, as rules ask it.
type question struct {
	event.Field
	arg event.Arg
}

// fieldTable finds fields by name.
type fieldTable map[string]event.Field

func newFieldTable() fieldTable {
	table := fieldTable{}
	for _, f := range Fields() {
		table[f.Name] = f
	}
	return table
}

// question reads "name" or "name[arg]".
func (ft fieldTable) question(t testing.TB, text string) *question {
	t.Helper()
	name, arg, has := strings.Cut(text, "[")
	f, ok := ft[name]
	if !ok || f.Get == nil {
		t.Fatalf("no field %s", name)
	}
	q := &question{Field: f, arg: event.Arg{Has: has, Text: strings.TrimSuffix(arg, "]"), Index: -1}}
	if n, err := strconv.Atoi(q.arg.Text); err == nil {
		q.arg.Index = n
	}
	if f.Prepare != nil {
		if err := f.Prepare(&q.arg); err != nil {
			t.Fatal(err)
		}
	}
	return q
}

// ask is the value of a field as text, for one element of its scope.
func (q *question) ask(e event.Event, elem int) string {
	var v event.Value
	v.SetText("left over from before")
	q.arg.Elem = elem
	q.Get(e, &q.arg, &v)
	switch v.Kind() {
	case event.KindText:
		return v.Text()
	case event.KindNumber:
		return strconv.FormatUint(v.Number(), 10)
	case event.KindList:
		return "(" + strings.Join(v.List(), ",") + ")"
	}
	return none
}

// expect checks fields of an event: name, value, name, value. "2:name" asks for element 2 of the field's scope.
func expect(t *testing.T, e *Event, want ...string) {
	t.Helper()
	table := newFieldTable()
	for i := 0; i < len(want); i += 2 {
		name, elem := want[i], 0
		if n, rest, ok := strings.Cut(name, ":"); ok {
			if k, err := strconv.Atoi(n); err == nil {
				name, elem = rest, k
			}
		}
		if got := table.question(t, name).ask(e, elem); got != want[i+1] {
			t.Errorf("%s = %s, want %s", want[i], got, want[i+1])
		}
	}
	if err := e.BodyFault(); err != nil {
		t.Errorf("bodies: %v", err)
	}
}

// appendJSON appends s as a JSON string.
func appendJSON(dst []byte, s string) []byte {
	b, _ := json.Marshal(s) // no string is refused
	return append(dst, b...)
}

// valid is s if it is JSON, else null.
func valid(s string) string {
	if json.Valid([]byte(s)) {
		return s
	}
	return "null"
}
