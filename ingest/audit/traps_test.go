package audit

import (
	"bytes"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// traps are events as they really occur, or as somebody may make them, that decoders get wrong. All of them are events for encoding/json.
var traps = map[string]string{
	"nobody":                   written("a", "")[:40] + strings.Replace(written("a", "")[40:], `{"username":"alice","groups":["dev"]}`, `{}`, 1),
	"response, no request":     written("a", `,"responseObject":{"kind":"Status"}`),
	"JSON patch":               written("a", `,"requestObject":[{"op":"add","path":"/x","value":{"requestURI":1}}],"responseObject":{}`),
	"body is a text":           written("a", `,"requestObject":"skipped-too-big-size-object","responseObject":"x"`),
	"response twice":           written("a", `,"requestObject":{},"responseObject":{"a":1},"responseObject":{"a":2}`),
	"request twice":            written("a", `,"requestObject":{"a":1},"requestObject":{"a":2}`),
	"response comes first":     written("a", `,"responseObject":{"a":1},"requestObject":{"a":2}`),
	"one null":                 written("a", `,"requestObject":null,"responseObject":{"O":"bject"}`),
	"only an unknown follows":  written("a", `,"requestObject":1,"x":"responseObject"`),
	"bodies are null":          written("a", `,"requestObject":null,"responseObject":null`),
	"no objectRef":             written("a", `,"responseStatus":{"metadata":{},"code":200}`),
	"empty objectRef":          written("a", `,"objectRef":{}`),
	"objectRef is null":        written("a", `,"objectRef":null,"responseStatus":null`),
	"brackets in strings":      written("a", `,"requestObject":{"x":"}}}","y":"[{\"\\"}`),
	"an event in a body":       written("a", `,"requestObject":`+written("b", `,"requestObject":{}`)+`,"responseObject":{"x":`+written("c", "")+`}`),
	"end of an event in text":  written("a", `,"requestObject":{"x":",\"requestReceivedTimestamp\":\"2026-11-20T23:49:03.110759Z\"}"}`),
	"body closed too early":    written("a", `,"requestObject":{"x":"}","responseObject":{"y":"{"}},"responseObject":{}`),
	"a member yet unknown":     written("a", `,"requestObject":{},"newcomer":[{"a":1}],"responseObject":{"z":2}`),
	"a member behind the end":  strings.TrimSuffix(written("a", ""), "}") + `,"more":1}`,
	"keys twice in the head":   strings.Replace(written("a", ""), `"verb":`, `"verb":"get","user":{"username":"eve","uid":"1"},"verb":`, 1),
	"keys twice at the end":    strings.Replace(written("a", ""), `"stageTimestamp":`, `"stageTimestamp":"x","stageTimestamp":`, 1),
	"key twice, last is null":  strings.Replace(written("a", ""), `"userAgent":"kubectl"`, `"userAgent":"kubectl","userAgent":null`, 1),
	"keys in other letters":    strings.Replace(written("a", ""), `"verb"`, `"Verb":"get","verb"`, 1),
	"escaped key":              strings.Replace(written("a", ""), `"verb"`, `"v\u0065rb"`, 1),
	"escapes":                  strings.Replace(written("a", ""), `"alice"`, `"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud800\udc00x\ud800\u0041\udfff"`, 1),
	"not UTF-8":                strings.Replace(written("a", ""), `"alice"`, "\"\xff\xc3(\xed\xa0\x80é\u2028\"", 1),
	"wrong types":              `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","level":1,"verb":{},"user":"x","impersonatedUser":[],"sourceIPs":"x","objectRef":[],"responseStatus":3,"annotations":[],"requestURI":null,` + times + `}`,
	"wrong types inside":       written("a", `,"objectRef":{"name":1,"resource":null},"responseStatus":{"code":"x","reason":1},"impersonatedUser":{"username":1,"groups":{},"extra":[]}`),
	"lists of odd things":      strings.Replace(written("a", ""), `["dev"]`, `["dev",1,null,["x"],{"a":"b"},"ops",[],"\u0061"]`, 1),
	"blanks":                   strings.ReplaceAll(written("a", `,"requestObject":{"a":1}`), ",\"", " \t\r\n, \""),
	"keys sorted":              `{"annotations":{"a":"b"},"apiVersion":"audit.k8s.io/v1","auditID":"a","kind":"Event","requestObject":{"x":1},` + times + `,"verb":"get"}`,
	"times of other forms":     strings.NewReplacer("03.110759Z", "03Z", "03.111977Z", "03.111977000+01:00").Replace(written("a", "")),
	"received is no time":      strings.Replace(written("a", ""), "2026-11-20T23:49:03.110759Z", "2026-11-20T23:49:03.11075xZ", 1),
	"no annotations":           written("a", "")[:strings.Index(written("a", ""), `,"annotations"`)] + "}",
	"annotations of an object": strings.Replace(written("a", ""), `"reason":""`, `"reason":"","annotations":{"x":{}}`, 1),
	"numbers":                  written("a", `,"responseStatus":{"code":-0.5e+10},"requestObject":[0,-1,1e5,1.25,true,false,null]`),
	"deep":                     written("a", `,"requestObject":`+strings.Repeat(`{"a":[`, 4999)+strings.Repeat(`]}`, 4999)),
}

func TestTraps(t *testing.T) {
	for name, line := range traps {
		t.Run(name, func(t *testing.T) {
			if _, ok := oracle([]byte(line)); !ok {
				t.Fatalf("not an event for encoding/json: %s", line)
			}
			decodersAgree(t, []byte(line))
		})
	}
}

// decodersAgree fails the test unless the decoder, checking every byte or passing over bodies, reads what encoding/json does.
func decodersAgree(t *testing.T, line []byte) {
	t.Helper()
	want, ok := oracle(line)
	for _, path := range []string{"slow", "fast", "fast, memo warm", "fast, bodies guessed"} {
		var f tails
		var tl tail
		var e Event
		var end int
		var err error
		for range strings.Count(path, "warm") + 1 {
			if path != "slow" {
				tl = f.find(line)
			}
			end, err = e.decode(line, false, &tl)
		}
		if strings.HasSuffix(path, "guessed") {
			e.response()
			e.request()
		} else {
			e.split()
		}
		if err == nil {
			err = e.BodyFault()
		}
		switch {
		case err != nil && ok && strings.HasSuffix(err.Error(), "stands twice or out of order"):
		case (err == nil && end == len(line)) != ok:
			t.Fatalf("%s: encoding/json reads an event: %v; we: %d of %d bytes, %v\n%.3000q", path, ok, end, len(line), err, line)
		case ok:
			sameFacts(t, want, factsOf(&e), line)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, line := range traps {
		f.Add([]byte(line))
	}
	for i, line := range sampleLines(f) {
		if i%20 == 0 && len(line) < 4000 {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if line = bytes.Trim(line, " \t\r\n"); bytes.Count(line, []byte("["))+bytes.Count(line, []byte("{")) < 9_000 {
			decodersAgree(t, line)
		}
	})
}

func FuzzDecoder(f *testing.F) {
	a, b := written("a", ""), written("b", `,"requestObject":{}`)
	f.Add([]byte(a+b+"\n"+b), false)
	f.Add([]byte("["+a+",{},"+`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+b+",3]}]\n"), true)
	f.Add([]byte(`{"items":[`+a+`,[]],"apiVersion":"audit.k8s.io/v1","kind":"EventList"}`), false)
	f.Add([]byte(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":`), false)
	f.Add([]byte(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[`+b+`],"items":[`+b+`]},`+a), true)
	f.Fuzz(func(t *testing.T, data []byte, whole bool) {
		line := int64(0)
		batch := &event.Batch{Origin: "o", Line: 1, Data: data, Whole: whole}
		NewDecoder().Decode(batch, func(e event.Event) {
			e.Details(event.ScopeContainer, max(0, e.Elements(event.ScopeContainer)-1))
		}, func(f event.Fault) {
			if f.Line < line || f.Line > int64(bytes.Count(data, []byte("\n")))+1 || len(f.Reason) == 0 || len(f.Reason) > 500 {
				t.Errorf("fault in line %d after %d: %q", f.Line, line, f.Reason)
			}
			for _, c := range f.Reason {
				if c < ' ' || c > '~' {
					t.Errorf("%q is not safe to print", f.Reason)
				}
			}
			line = f.Line
		})
	})
}
