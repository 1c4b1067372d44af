package kernel

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// FuzzDecode reads any bytes as frames and asks everything of what comes out: an event or a fault, never a panic.
func FuzzDecode(f *testing.F) {
	add := func(parts ...any) {
		var data []byte
		for _, p := range parts {
			switch p := p.(type) {
			case []byte:
				data = AppendRecord(data, p)
			case *Fact:
				data, _ = AppendFact(data, p)
			}
		}
		f.Add(data)
	}
	add(shellInPod()...)
	add(testStart, mountRecord(bpf.Mount{Op: 4, Flags: 1 << 60}, "a", "b", "c", "password=x"), bytesOf(&bpf.Creds{Op: 10}, bpf.KindCreds))
	add(testStart, bytesOf(&bpf.NSOp{Op: 1, Flags: 1 << 63}, bpf.KindNS), bytesOf(&bpf.Ptrace{Ret: -5, TargetPid: 9}, bpf.KindPtrace), bytesOf(&bpf.Exit{}, bpf.KindExit))
	add(testStart, &Fact{Lost: &Lost{Reason: "marks_full"}}, &Fact{Process: &Found{Process: Process{Key: Key{PID: 5}}}}, &Fact{Beat: &Beat{}})
	fields := Fields()
	var v event.Value
	f.Fuzz(func(t *testing.T, data []byte) {
		data = slices.Clone(data) // aligned
		decode(data, func(e *Event) {
			for i := range fields {
				if get := fields[i].Get; get != nil {
					get(e, &event.Arg{Index: -1}, &v)
					get(e, &event.Arg{Text: "3", Has: true, Index: 3}, &v)
				}
			}
			doc := new(event.Encoder).Append(nil, event.PlainEvent(e.Details(event.ScopeEvent, 0), false))
			if !json.Valid(doc) {
				t.Fatalf("no JSON: %s", doc)
			}
		})
	})
}
