package recording

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
)

// busy is the stream of a shell that starts programs: a fork, an exec and an exit each.
func busy(b *testing.B, programs int) []event.Batch {
	b.Helper()
	var text strings.Builder
	text.WriteString(`{"container":{"name":"web","pod":"web-1","namespace":"shop","image":"nginx:1.27"}}
{"exec":{"pid":100,"container":"web","exe":"/bin/sh"}}
`)
	for i := range programs {
		fmt.Fprintf(&text, `{"exec":{"time":"+1ms","pid":%d,"parent":100,"exe":"/usr/bin/program-%d","argv":["program-%[2]d","--number","%[3]d","/some/path/%[3]d"]}}
{"exit":{"time":"+1ms","pid":%[1]d}}
`, 1000+i%30000, i%50, i)
	}
	batches, err := kerneltest.Read([]byte(text.String()))
	if err != nil {
		b.Fatal(err)
	}
	return batches
}

func BenchmarkWriter(b *testing.B) {
	batches := busy(b, 1000)
	raw := 0
	for _, batch := range batches {
		raw += len(batch.Data)
	}
	var out bytes.Buffer
	b.SetBytes(int64(raw))
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		w, err := NewWriter(&out)
		if err != nil {
			b.Fatal(err)
		}
		for _, batch := range batches {
			if err := w.Write(batch.Data); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	perRecord := float64(b.Elapsed().Nanoseconds()) / float64(b.N*len(batches))
	b.ReportMetric(perRecord, "ns/record")
	b.ReportMetric(float64(out.Len())/float64(len(batches)), "B/record")
}

func BenchmarkReader(b *testing.B) {
	batches := busy(b, 1000)
	var out bytes.Buffer
	w, err := NewWriter(&out)
	for _, batch := range batches {
		err = errors.Join(err, w.Write(batch.Data))
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(nil, bytes.NewReader(out.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			batch.Release()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batches)), "ns/record")
}

// BenchmarkSkip goes over what only looks like blocks.
func BenchmarkSkip(b *testing.B) {
	junk := bytes.Repeat([]byte(blockMagic), 1<<18)
	b.SetBytes(int64(len(junk)))
	for b.Loop() {
		f := newFile("-", 0)
		f.stdin, f.foreign = bytes.NewReader(junk), false
		if err := f.open(func(src io.Reader) io.Reader { return src }); err != nil {
			b.Fatal(err)
		}
		if err := f.skip(); !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
}
