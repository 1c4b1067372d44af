package kerneltest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"golang.org/x/tools/txtar"
)

// Whatever is written gives a stream that a decoder takes without a fault, or an error with its line.
func FuzzRead(f *testing.F) {
	f.Add([]byte(shop))
	files, _ := filepath.Glob("../../../rules/builtin/testdata/r*.txtar")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, section := range txtar.Parse(data).Files {
			if section.Name == "kernel.jsonl" {
				f.Add(section.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		batches, err := Read(data)
		if err != nil {
			var fault event.Fault
			if !errors.As(err, &fault) || fault.Line < 1 || batches != nil {
				t.Fatalf("%v", err)
			}
			return
		}
		d := kernel.NewDecoder()
		for _, b := range batches {
			d.Decode(&b, func(e event.Event) { e.Details(event.ScopeEvent, 0) }, func(f event.Fault) { t.Fatal(f) })
		}
	})
}
