package bpf

import (
	"errors"
	"fmt"
)

// Why Load cannot load. The errors that wrap these are one sentence each, which says what to do.
var (
	ErrNotPermitted = errors.New("not permitted")
	ErrNoBTF        = errors.New("no BTF")
	ErrUnsupported  = errors.New("not supported by this kernel")
	ErrLocked       = errors.New("another sensor runs on this node")
)

// lack is an error with a sentence for people, which is one of the sentinels for programs.
type lack struct {
	is  error
	why string
}

func lacks(is error, format string, args ...any) error {
	return &lack{is, fmt.Sprintf(format, args...)}
}

func (l *lack) Error() string { return l.why }
func (l *lack) Unwrap() error { return l.is }
