package bpf

import (
	"errors"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// bare takes away from an error of the library what it guesses about permissions ("MEMLOCK may be too low", which misleads) and the
// verifier's log but for the line that it holds telling.
func bare(err error) error {
	var v *ebpf.VerifierError
	switch {
	case errors.Is(err, unix.EPERM):
		return unix.EPERM
	case errors.As(err, &v):
		return v
	}
	return err
}

// explain turns an error of loading what the sensor cannot be without into a sentence.
func explain(err error) error {
	if errors.Is(err, unix.EPERM) {
		return lacks(ErrNotPermitted, "the kernel refuses eBPF programs (%v): the sensor needs root of the host, and a kernel that is not in lockdown mode confidentiality", err)
	}
	return lacks(ErrUnsupported, "this kernel does not take the sensor's programs: %v", err)
}
