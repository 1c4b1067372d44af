package audit

import (
	"bytes"
	"encoding/json"
	"testing"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/parallax-sec/parallax/event"
)

// BenchmarkDecode reads real lines one after the other, each way that there is: as written by the API server, byte by byte, with
// both bodies, with encoding/json.
func BenchmarkDecode(b *testing.B) {
	lines := realLines(b)
	size := 0
	for _, l := range lines {
		size += len(l)
	}
	run := func(name string, f func(line []byte) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size / len(lines)))
			for i := 0; b.Loop(); i++ {
				if err := f(lines[i%len(lines)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	var e Event
	var f tails
	fast := func(line []byte) error {
		t := f.find(line)
		_, err := e.decode(line, false, &t)
		return err
	}
	run("fast", fast)
	run("slow", func(line []byte) error {
		_, err := e.decode(line, false, new(tail))
		return err
	})
	run("fast with bodies", func(line []byte) error {
		if err := fast(line); err != nil {
			return err
		}
		e.request()
		e.response()
		return e.BodyFault()
	})
	run("encoding/json", func(line []byte) error {
		var ev auditv1.Event
		return json.Unmarshal(line, &ev)
	})
}

// BenchmarkDecoder reads batches of real lines, plain and in the envelope of CloudWatch's files.
func BenchmarkDecoder(b *testing.B) {
	lines := realLines(b)
	run := func(name, before string) {
		data := []byte(before + string(bytes.Join(lines, []byte("\n"+before))))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			d, n := NewDecoder(), 0
			for b.Loop() {
				d.Decode(&event.Batch{Line: 1, Data: data}, func(event.Event) { n++ }, func(f event.Fault) { b.Fatal(f) })
			}
			if n%len(lines) != 0 {
				b.Fatal(n)
			}
		})
	}
	run("plain", "")
	run("CloudWatch export", "2026-11-20T23:49:03.111Z ")
	envelope := func(name string, wrap func(string) any) {
		data := []byte(each(b, lines, wrap))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			d := NewDecoder()
			for b.Loop() {
				d.Decode(&event.Batch{Line: 1, Data: data}, func(event.Event) {}, func(f event.Fault) { b.Fatal(f) })
			}
		})
	}
	envelope("wrapped", func(e string) any { return jsonObject{"log": e} })
	envelope("AKS table", func(e string) any { return tableRow(b, e, "AKSAudit", false) })
}
