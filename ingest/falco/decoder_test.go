package falco

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

const shell = `{"hostname":"node-3","output":"10:00:00.123456789: Notice A shell (user=root)","output_fields":{"container.id":"3fc4aa2cdd80",` +
	`"evt.num":17,"evt.time":1795168800123456789,"evt.type":"execve","fd.name":null,"k8s.ns.name":"payments","list":["b","a"],"proc.cmdline":"sh <x>","proc.tty":34816},` +
	`"priority":"Notice","rule":"Terminal shell in container","source":"syscall","tags":["T1059","container"],"time":"2026-11-20T10:00:00.123456789Z"}`

// decode returns the events of data and the reasons of the faults.
func decode(t *testing.T, b event.Batch) (events []*Event, faults []string) {
	t.Helper()
	NewDecoder().Decode(&b, func(e event.Event) { events = append(events, e.(*Event)) }, func(f event.Fault) {
		faults = append(faults, f.Error())
	})
	return events, faults
}

// one returns the only event of data.
func one(t *testing.T, data string) *Event {
	t.Helper()
	events, faults := decode(t, event.Batch{Origin: "falco/hub", Data: []byte(data), Whole: true})
	if len(events) != 1 || faults != nil {
		t.Fatalf("%d events, faults %q", len(events), faults)
	}
	return events[0]
}

func TestLines(t *testing.T) {
	data := shell + "\n\n  \r\n10:00:01: Warning text (user=root)\n" + strings.Replace(shell, "node-3", "node-4", 1)
	events, faults := decode(t, event.Batch{Origin: "falco/hub", Line: 7, Data: []byte(data)})
	if len(events) != 2 || events[0].hostname != "node-3" || events[1].hostname != "node-4" || events[1].sender != "hub" {
		t.Errorf("%d events", len(events))
	}
	if diff := cmp.Diff([]string{"falco/hub:10: no JSON object: Falco writes one with json_output: true"}, faults); diff != "" {
		t.Error(diff)
	}
}

func TestWhole(t *testing.T) {
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(shell), "", "  "); err != nil {
		t.Fatal(err)
	}
	events, faults := decode(t, event.Batch{Data: indented.Bytes(), Whole: true})
	if len(events) != 1 || faults != nil || events[0].EventID() != one(t, shell).EventID() {
		t.Errorf("%d events, faults %q", len(events), faults)
	}
}

func TestFaults(t *testing.T) {
	f := func(old, changed, want string) {
		t.Helper()
		data := strings.Replace(shell, old, changed, 1)
		events, faults := decode(t, event.Batch{Origin: "f", Data: []byte(data)})
		if len(events) != 0 || len(faults) != 1 || !strings.Contains(faults[0], want) {
			t.Errorf("%s -> %s: %d events, faults %q", old, changed, len(events), faults)
		}
	}
	f(shell, `[`+shell+`]`, "no JSON object")
	f(shell, `{}`, "priority is none")
	f(shell, shell+shell, "invalid character")
	f(shell, shell[:100], "unexpected end")
	f(`"Terminal shell in container"`, `""`, "rule is missing")
	f(`"Terminal shell in container"`, `{}`, "rule is no text")
	f(`"Notice"`, `"Loud"`, "priority is none of Falco's")
	f(`"Notice"`, `5`, "priority is no text")
	f(`"node-3"`, `[]`, "hostname is no text")
	f(`["T1059","container"]`, `"T1059"`, "tags are no list of texts")
	f(`["T1059","container"]`, `["`+strings.Repeat(`","`, 2000)+`"]`, "tags are too many")
	f(`"2026-11-20T10:00:00.123456789Z"`, `"yesterday"`, "time is not a time")
	f(`"2026-11-20T10:00:00.123456789Z"`, `"0001-01-01T00:00:00Z"`, "time is outside")
	f(`"2026-11-20T10:00:00.123456789Z"`, `"9999-01-01T00:00:00Z"`, "time is outside")
	f(`"2026-11-20T10:00:00.123456789Z"`, `null`, "time is not a time")
	f(`"output_fields":{`, `"output_fields":[],"x":{`, "output_fields are no object")
	f(`{"container.id"`, `{`+manyMembers(1100)+`"container.id"`, "output_fields are too many")
	f(`sh <x>`, strings.Repeat("x", maxAlertBytes), "more than 1048576 bytes")
	f(`"sh <x>"`, strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000), "exceeded max depth")
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`"k` + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + `":1,`)
	}
	return b.String()
}

// What is kept of a fault is bounded, and its own.
func TestFaultKeepsItsPiece(t *testing.T) {
	data := []byte(strings.Repeat("x", 10_000))
	b := event.Batch{Data: data}
	NewDecoder().Decode(&b, func(event.Event) {}, func(f event.Fault) {
		data[0] = 'y'
		if len(f.Data) != maxFaultBytes || f.Data[0] != 'x' {
			t.Errorf("%d bytes, %.5s", len(f.Data), f.Data)
		}
	})
}

// The id is that of host, time, rule and output fields, however they are written and whoever sent them.
func TestID(t *testing.T) {
	id := one(t, shell).EventID()
	same := func(pairs ...string) {
		t.Helper()
		if got := one(t, strings.NewReplacer(pairs...).Replace(shell)).EventID(); got != id {
			t.Errorf("%q: another id", pairs)
		}
	}
	same(`"Notice"`, `"NOTICE"`, `"tags":["T1059","container"],`, ``, `"source":"syscall",`, `"uuid":"1",`)
	same(`sh <x>`, `sh \u003cx\u003e`, `"evt.num":17`, `"evt.num":"17"`, `34816`, `"34816"`, `["b","a"]`, `["b", "\u0061"]`, `null`, `"null"`)
	same(`.123456789Z`, `.123456789+00:00`)
	same(`10:00:00.123456789Z"}`, `11:00:00.123456789+01:00"}`)
	same(`"rule":`, `"rule":"other","rule":`) // the last counts
	same(`"rule":`, `"Rule":"other","rule":`)
	other := func(old, changed string) {
		t.Helper()
		if got := one(t, strings.Replace(shell, old, changed, 1)).EventID(); got == id {
			t.Errorf("%s -> %s: the same id", old, changed)
		}
	}
	other("node-3", "node-4")
	other("789Z", "788Z")
	other("Terminal", "A terminal")
	other("payments", "web")
	other(`"evt.num":17,`, ``)
	other(`"evt.num":17,`, `"evt.num":18,`)
	other(`["b","a"]`, `["a","b"]`)
	other(`"container.id":"3fc4aa2cdd80","evt.num":17`, `"container.id":"3fc4aa2cdd80evt.num","17":17`)
}

func TestTimes(t *testing.T) {
	said := int64(1795168800123456789)
	f := func(received time.Duration, wantNs, wantSaid int64, remark string) {
		t.Helper()
		events, faults := decode(t, event.Batch{Data: []byte(shell), ReceivedNs: said + int64(received)})
		if len(events) != 1 || faults != nil {
			t.Fatalf("%d events, faults %q", len(events), faults)
		}
		d := events[0].Details(event.ScopeEvent, 0)
		if d.TimeNs != wantNs || d.Falco.SaidNs != wantSaid || events[0].TimeNs() != said || !strings.Contains(strings.Join(d.Blind, ""), remark) || (remark == "") != (d.Blind == nil) {
			t.Errorf("received %v later: time %d, said %d, %q", received, d.TimeNs, d.Falco.SaidNs, d.Blind)
		}
		if d.EventID != one(t, shell).EventID() {
			t.Error("the receipt changes the id")
		}
	}
	f(time.Second, said, 0, "")
	f(-4*time.Second, said, 0, "")
	f(-time.Hour, said-int64(time.Hour), said, "Falco says 2026-11-20T10:00:00.123456789Z, which is after")
	f(23*time.Hour, said, 0, "")
	f(25*time.Hour, said, 0, "more than a day later, at 2026-11-21T11:00:00.123456789Z")
}

func TestSecretsAreNotKept(t *testing.T) {
	data := strings.NewReplacer(
		`"fd.name":null`, `"proc.env":"DB_PASSWORD=hunter2 HOME=/","proc.aenv[2]":"ABCDEF","ka.req.configmap.obj":"{\"p\":\"hunter3\"}","proc.env[PIN]":"12"`,
		`(user=root)`, `(env=DB_PASSWORD=hunter2 HOME=/ aenv=ABCDEF obj={\"p\":\"hunter3\"} pin=12)`,
		`sh <x>`, `mysql --password=hunter4`,
	).Replace(shell)
	e := one(t, data)
	doc := string(new(event.Encoder).Append(nil, event.PlainEvent(e.Details(event.ScopeEvent, 0), false)))
	for _, secret := range []string{"hunter", "ABCDEF"} {
		if strings.Contains(doc+e.output, secret) {
			t.Errorf("%s is in %s", secret, doc)
		}
	}
	if e.output != "10:00:00.123456789: Notice A shell (env=*** aenv=*** obj=*** pin=12)" {
		t.Error(e.output)
	}
	if plain := one(t, shell); plain.EventID() == e.EventID() {
		t.Error("secrets are no part of the id")
	}
}

// Many secret fields that stand in each other's replacement do not make a text grow without end.
func TestMaskIsBounded(t *testing.T) {
	var fields []string
	for i := range 1000 {
		fields = append(fields, `"proc.env[`+strings.Repeat("x", i)+`]":"****"`)
	}
	e := one(t, `{"rule":"r","priority":"info","time":"2026-11-20T10:00:00Z","output":"`+strings.Repeat("*", 100_000)+`","output_fields":{`+strings.Join(fields, ",")+`}}`)
	if len(e.output) > 100_000 {
		t.Errorf("%d bytes", len(e.output))
	}
}

func TestSentence(t *testing.T) {
	f := func(output, message, want string) {
		t.Helper()
		e := &Event{alert: &alert{output: output, message: message, priority: 4}}
		if got := e.sentence(); got != want {
			t.Errorf("%q, %q: %q", output, message, got)
		}
	}
	f("23:49:03.152055000: Warning K8s: Warning x", "", "K8s: Warning x")
	f("2026-11-20T23:49:03.152055000+0000: Warning x", "", "x")
	f("23:49:03.152055000: Notice x", "", "23:49:03.152055000: Notice x")
	f("This sentence is rather long, its sense is: Warning x", "", "This sentence is rather long, its sense is: Warning x")
	f("a: Warning b", "c", "c")
	f("", "", "")
}

// What the real Falco 0.44.1 wrote is read whole, and each of its alerts is another event.
func TestRealAlerts(t *testing.T) {
	dir := os.Getenv("PARALLAX_TEST_DATA")
	if dir == "" {
		t.Skip("PARALLAX_TEST_DATA names no folder with alerts of the real Falco (falco/alerts)")
	}
	ids := map[string]bool{}
	for name, want := range map[string]int{"attacks": 628, "benign": 166} {
		data, err := os.ReadFile(filepath.Join(dir, "falco", "alerts", name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		events, faults := decode(t, event.Batch{Origin: "falco/file", Line: 1, Data: data})
		if len(events) != want || faults != nil {
			t.Errorf("%s: %d events, faults %q", name, len(events), faults)
		}
		for _, e := range events {
			d := e.Details(event.ScopeEvent, 0)
			if ids[d.EventID] || d.User == "" || d.Falco.Source != "k8s_audit" || strings.Contains(d.Falco.Output, "+0000: ") {
				t.Fatalf("%+v", d)
			}
			ids[d.EventID] = true
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(shell), int64(0))
	f.Add([]byte(shell+"\n"+shell), int64(1795168800123456789))
	f.Add([]byte(`{"rule":"r","priority":"info","time":"2026-11-20T10:00:00Z","output_fields":{"proc.env":"\ud800","x":[{"b":1e400,"a":-0}]}}`), int64(-1))
	f.Fuzz(func(t *testing.T, data []byte, received int64) {
		events, faults := decode(t, event.Batch{Data: data, ReceivedNs: received, Whole: received%2 == 0})
		if bytes.TrimSpace(data) != nil && len(bytes.TrimSpace(data)) > 0 && len(events)+len(faults) == 0 {
			t.Fatalf("%q is neither an alert nor a fault", data)
		}
		for _, e := range events {
			d := e.Details(event.ScopeEvent, 0)
			if doc := new(event.Encoder).Append(nil, event.PlainEvent(d, false)); !json.Valid(doc) || len(doc) > 1<<20 {
				t.Fatalf("%q: %d bytes: %s", data, len(doc), doc)
			}
			var v event.Value
			for _, field := range Fields() {
				field.Get(e, &event.Arg{Text: "x", Has: true}, &v)
			}
		}
	})
}
