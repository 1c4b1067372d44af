package recording

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// Whatever a file holds, reading comes to an end, and what cannot be read is told in few words.
func FuzzReader(f *testing.F) {
	whole := recorded(f, "n", 0, 1, 30, 10)
	f.Add(whole)
	f.Add(whole[:len(whole)-20])
	f.Add(append(bytes.Clone(whole[:200]), whole...))
	f.Add(append(whole[:fileHead:fileHead], whole[fileHead+100:]...))
	f.Add([]byte(fileMagic + blockMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Open(nil, bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		d := NewDecoder()
		for n := 0; ; n++ {
			b, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || n > len(data) || len(b.Faults) > len(data) {
				t.Fatalf("%v after %d batches", err, n)
			}
			d.Decode(b, func(event.Event) {}, func(event.Fault) {})
			b.Release()
		}
	})
}

// What was written comes back, whatever it is, as long as it is frames; a decoder takes it without harm.
func FuzzFrames(f *testing.F) {
	f.Add(append(start(f, "n", 5), fork(7)...))
	f.Fuzz(func(t *testing.T, frames []byte) {
		var out bytes.Buffer
		w, err := NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		if w.Write(frames) != nil {
			return
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r, err := Open(nil, &out)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var got []byte
		d := NewDecoder()
		for {
			b, err := r.Next(context.Background())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil || b.Faults != nil {
				t.Fatal(err, b.Faults)
			}
			got = append(got, b.Data...)
			d.Decode(b, func(event.Event) {}, func(event.Fault) {})
			b.Release()
		}
		if !bytes.Equal(got, frames) {
			t.Error("other frames came back")
		}
	})
}
