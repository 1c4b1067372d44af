package bpf

import "fmt"

// Config says what the programs record, and how much room there is until it is read.
type Config struct {
	Host         bool   // processes outside of containers, too
	FailedExecs  bool   // programs that could not be started; taxes every execve
	RuntimeSetup bool   // what container runtimes do inside of a container before its first program starts
	RareBytes    uint32 // size of the ring of rare records: a power of two, at least a page
	BulkBytes    uint32 // size of the ring of the others
	LockFile     string // what keeps a second sensor from this node
	// NoTrampolines makes system calls traced by tracepoints even where the kernel has trampolines, which are better: for tests of what
	// is done on kernels that do not.
	NoTrampolines bool
}

// DefaultConfig returns the settings of a sensor that watches containers.
func DefaultConfig() Config {
	return Config{RareBytes: 2 << 20, BulkBytes: 8 << 20, LockFile: "/run/parallax/sensor.lock"}
}

// Validate returns what is wrong with c.
func (c Config) Validate() error {
	if err := validRing("rare", c.RareBytes); err != nil {
		return err
	}
	return validRing("bulk", c.BulkBytes)
}

// Bounds of a ring's size. The lower is the largest page that Linux has on the machines we know; the upper keeps positions and
// locked memory within reason.
const (
	minRingBytes = 64 << 10
	maxRingBytes = 1 << 30
)

func validRing(name string, size uint32) error {
	if size < minRingBytes || size > maxRingBytes || size&(size-1) != 0 {
		return fmt.Errorf("%s ring of %d bytes: want a power of two between %d and %d", name, size, minRingBytes, maxRingBytes)
	}
	return nil
}
