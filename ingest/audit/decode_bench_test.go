package audit

import (
	"encoding/json"
	"testing"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
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
