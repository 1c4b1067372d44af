package sensor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

func TestLossesAreDifferences(t *testing.T) {
	var l losses
	f := func(want []kernel.Lost, totals ...bpf.Lost) {
		t.Helper()
		if diff := cmp.Diff(want, l.since(totals, 9)); diff != "" {
			t.Error(diff)
		}
	}
	f(nil)
	f(nil, bpf.Lost{CPU: 0, Reason: "bulk_full"})
	f([]kernel.Lost{{BootNs: 9, CPU: 1, Reason: "bulk_full", N: 5}}, bpf.Lost{CPU: 0, Reason: "bulk_full"}, bpf.Lost{CPU: 1, Reason: "bulk_full", N: 5})
	f([]kernel.Lost{{BootNs: 9, CPU: 1, Reason: "rare_full", N: 1}, {BootNs: 9, CPU: 1, Reason: "bulk_full", N: 2}},
		bpf.Lost{CPU: 1, Reason: "rare_full", N: 1}, bpf.Lost{CPU: 1, Reason: "bulk_full", N: 7})
	f(nil, bpf.Lost{CPU: 1, Reason: "rare_full", N: 1}, bpf.Lost{CPU: 1, Reason: "bulk_full", N: 7})
}
