package bpf

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
)

//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -cc clang-19 -strip llvm-strip-19 -target amd64,arm64 -no-global-types -type unit units c/test/units.bpf.c -- -O2 -g -ffreestanding -Wall -Werror -I/usr/include

// units runs functions of the sensor one by one, for the thread of the test.
type units struct {
	*ebpf.Collection
	t testing.TB
}

// newUnits loads the functions with these settings, and binds the test to its thread.
func newUnits(t testing.TB, settings map[string]uint64) units {
	t.Helper()
	needsRoot(t)
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	spec, err := loadUnits()
	if err != nil {
		t.Fatal(err)
	}
	spec.Maps[mapRare].MaxEntries, spec.Maps[mapBulk].MaxEntries = minRingBytes, minRingBytes
	for name, p := range spec.Programs {
		if p.Type != ebpf.RawTracepoint {
			delete(spec.Programs, name)
		}
	}
	for name, value := range settings {
		v := spec.Variables[name]
		b := binary.LittleEndian.AppendUint64(nil, value)
		if err := v.Set(b[:v.Size()]); err != nil {
			t.Fatal(err)
		}
	}
	c, err := ebpf.NewCollection(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return units{c, t}
}

// run runs a function and returns what it left.
func (u units) run(name string, context ...uint64) (out unitsUnit) {
	u.t.Helper()
	opts := &ebpf.RunOptions{}
	if len(context) > 0 {
		opts.Context = context
	}
	if _, err := u.Programs["unit_"+name].Run(opts); err != nil {
		u.t.Fatal(err)
	}
	if err := u.Maps["units"].Lookup(uint32(0), unsafe.Pointer(&out)); err != nil {
		u.t.Fatal(err)
	}
	return out
}

func (u units) put(name string, key, value any) {
	u.t.Helper()
	if err := u.Maps[name].Put(key, value); err != nil {
		u.t.Fatal(err)
	}
}

// records returns what the functions sent to a ring since it was asked last.
func (u units) records(name string) (out [][]byte) {
	u.t.Helper()
	r, err := newRing(u.Maps[name].FD(), minRingBytes)
	if err != nil {
		u.t.Fatal(err)
	}
	defer r.close()
	r.snapshot()
	for record, room := r.peek(); record != nil; record, room = r.peek() {
		out = append(out, bytes.Clone(record))
		r.skip(room)
	}
	r.publish()
	return out
}

// unitText returns the text that a function left, and the flags of its record's head.
func unitText(u unitsUnit) (string, uint32) { return string(u.Text[:u.Len]), u.Rec.Head.Flags }

// self returns what the kernel's head says of the test itself.
func (u units) self() Head {
	out := u.run("head")
	return *(*Head)(unsafe.Pointer(&out.Rec.Head))
}
