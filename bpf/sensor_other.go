//go:build !linux

package bpf

import (
	"context"
	"time"
)

// Sensor exists on Linux only; elsewhere recordings can be read.
type Sensor struct{}

func notLinux() error { return lacks(ErrUnsupported, "the sensor needs Linux") }

// Load returns ErrUnsupported.
func Load(Config) (*Sensor, error) { return nil, notLinux() }

// Probe returns every hook as missing.
func Probe() ([]Hook, error) { return allMissing(notLinux()), notLinux() }

// KernelRelease returns ErrUnsupported.
func KernelRelease() (string, error) { return "", notLinux() }

func (*Sensor) Hooks() []Hook { return nil }
func (*Sensor) Read(context.Context, time.Duration, func(record []byte)) (int, error) {
	return 0, notLinux()
}
func (*Sensor) Lost() ([]Lost, error)      { return nil, notLinux() }
func (*Sensor) Wake()                      {}
func (*Sensor) AddCgroup(uint64) error     { return notLinux() }
func (*Sensor) RemoveCgroup(uint64) error  { return notLinux() }
func (*Sensor) AddMountNS(uint32) error    { return notLinux() }
func (*Sensor) RemoveMountNS(uint32) error { return notLinux() }
func (*Sensor) Close() error               { return nil }
