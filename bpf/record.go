package bpf

import (
	"fmt"
	"unsafe"
)

// These are the layouts of records, as the object's BTF has them; c/record.h documents each member.
type (
	// Head is what every record begins with.
	Head = sensorRecHead
	// Cred is a task's credentials.
	Cred = sensorRecCred
	// NS is a task's namespaces.
	NS = sensorRecNs
	// Exec is a program that was started, or could not be.
	Exec = sensorRecExec
	// Exit is the end of a process.
	Exit = sensorRecExit
	// Mount is a call of the mount family.
	Mount = sensorRecMount
	// Creds is a call that changes credentials.
	Creds = sensorRecCreds
	// NSOp is a call that changes namespaces.
	NSOp = sensorRecNsop
	// Ptrace is a process that attached to another.
	Ptrace = sensorRecPtrace
	// Cgroup is a cgroup that was made or removed, or a process that was moved into one.
	Cgroup = sensorRecCgroup
)

// RecordVersion is the layout's version, which every record carries (REC_VERSION).
const RecordVersion = 1

// Kind says what a record tells of: Head.Kind.
type Kind = sensorRecKind

// The kinds of record.
const (
	KindExec   = sensorRecKindREC_EXEC
	KindFork   = sensorRecKindREC_FORK
	KindExit   = sensorRecKindREC_EXIT
	KindMount  = sensorRecKindREC_MOUNT
	KindCreds  = sensorRecKindREC_CRED
	KindNS     = sensorRecKindREC_NS
	KindPtrace = sensorRecKindREC_PTRACE
	KindCgroup = sensorRecKindREC_CGROUP
)

// The bits of Head.Flags.
const (
	FlagScopePidNS      = uint32(sensorRecFlagsF_SCOPE_PIDNS)
	FlagScopeCgroup     = uint32(sensorRecFlagsF_SCOPE_CGROUP)
	FlagScopeMntNS      = uint32(sensorRecFlagsF_SCOPE_MNTNS)
	FlagScopeMark       = uint32(sensorRecFlagsF_SCOPE_MARK)
	FlagRuntime         = uint32(sensorRecFlagsF_RUNTIME)
	FlagEntry           = uint32(sensorRecFlagsF_ENTRY)
	FlagNoNewPrivs      = uint32(sensorRecFlagsF_NO_NEW_PRIVS)
	FlagKthreadParent   = uint32(sensorRecFlagsF_KTHREAD_PARENT)
	FlagArgvCut         = uint32(sensorRecFlagsF_ARGV_CUT)
	FlagPathCut         = uint32(sensorRecFlagsF_PATH_CUT)
	FlagArgvFault       = uint32(sensorRecFlagsF_ARGV_FAULT)
	FlagExeDeleted      = uint32(sensorRecFlagsF_EXE_DELETED)
	FlagSecureExec      = uint32(sensorRecFlagsF_SECURE_EXEC)
	FlagSetuidFile      = uint32(sensorRecFlagsF_SETUID_FILE)
	FlagSubreaperParent = uint32(sensorRecFlagsF_SUBREAPER_PARENT)
)

// CgroupV1 is the bit of a cgroup id that says that the folder is one of the v1 memory hierarchy.
const CgroupV1 = uint64(1) << 63

// ExecTexts are the texts of an Exec. They point into the record.
type ExecTexts struct {
	Filename []byte // as the caller gave it
	Exe, Cwd []byte // components from the leaf to the root, each ending in NUL
	Argv     []byte // arguments, each ending in NUL
}

// MountTexts are the texts of a Mount. They point into the record.
type MountTexts struct{ Source, Target, FSType, Data []byte }

// ParseHead returns the head that b begins with, in place. Ring and recordings are checked alike, since a recording may be
// forged: the size must be b's, and the version and kind known.
func ParseHead(b []byte) (*Head, error) {
	h, err := at[Head](b)
	if err != nil {
		return nil, err
	}
	switch {
	case h.Version != RecordVersion:
		return nil, fmt.Errorf("record of version %d, this program knows %d", h.Version, RecordVersion)
	case int(h.Size) != len(b):
		return nil, fmt.Errorf("record says that it has %d bytes and has %d", h.Size, len(b))
	case h.Kind < uint8(KindExec) || h.Kind > uint8(KindCgroup):
		return nil, fmt.Errorf("record of unknown kind %d", h.Kind)
	}
	return h, nil
}

// ParseExec returns the exec record that b is, in place, with its texts.
func ParseExec(b []byte) (*Exec, ExecTexts, error) {
	r, err := at[Exec](b)
	if err != nil {
		return nil, ExecTexts{}, err
	}
	t, err := cut(b[unsafe.Sizeof(*r):], r.FilenameLen, r.ExeLen, r.CwdLen, r.ArgvLen)
	return r, ExecTexts{t[0], t[1], t[2], t[3]}, err
}

// ParseMount returns the mount record that b is, in place, with its texts.
func ParseMount(b []byte) (*Mount, MountTexts, error) {
	r, err := at[Mount](b)
	if err != nil {
		return nil, MountTexts{}, err
	}
	t, err := cut(b[unsafe.Sizeof(*r):], r.SourceLen, r.TargetLen, r.FstypeLen, r.DataLen)
	return r, MountTexts{t[0], t[1], t[2], t[3]}, err
}

// ParseCgroup returns the cgroup record that b is, in place, with its path.
func ParseCgroup(b []byte) (*Cgroup, []byte, error) {
	r, err := at[Cgroup](b)
	if err != nil {
		return nil, nil, err
	}
	t, err := cut(b[unsafe.Sizeof(*r):], r.PathLen, 0, 0, 0)
	return r, t[0], err
}

// ParseExit returns the exit record that b is, in place.
func ParseExit(b []byte) (*Exit, error) { return whole[Exit](b) }

// ParseCreds returns the credentials record that b is, in place.
func ParseCreds(b []byte) (*Creds, error) { return whole[Creds](b) }

// ParseNSOp returns the namespace record that b is, in place.
func ParseNSOp(b []byte) (*NSOp, error) { return whole[NSOp](b) }

// ParsePtrace returns the ptrace record that b is, in place.
func ParsePtrace(b []byte) (*Ptrace, error) { return whole[Ptrace](b) }

// at returns b's first bytes as a T. b must be aligned to 8 bytes, as records in rings and frames are.
func at[T any](b []byte) (*T, error) {
	var t T
	if uintptr(len(b)) < unsafe.Sizeof(t) {
		return nil, fmt.Errorf("record of %d bytes, want at least %d", len(b), unsafe.Sizeof(t))
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%unsafe.Alignof(t) != 0 {
		return nil, fmt.Errorf("record is not aligned to %d bytes", unsafe.Alignof(t))
	}
	return (*T)(p), nil
}

// whole is at for records without texts.
func whole[T any](b []byte) (*T, error) {
	t, err := at[T](b)
	if err == nil && uintptr(len(b)) != unsafe.Sizeof(*t) {
		return nil, fmt.Errorf("record of %d bytes, want %d", len(b), unsafe.Sizeof(*t))
	}
	return t, err
}

// cut cuts the texts of these lengths out of b, which must hold nothing else.
func cut(b []byte, lengths ...uint16) (texts [4][]byte, err error) {
	for i, n := range lengths {
		if int(n) > len(b) {
			return texts, fmt.Errorf("text %d of %d bytes is cut after %d", i+1, n, len(b))
		}
		texts[i], b = b[:n:n], b[n:]
	}
	if len(b) > 0 {
		return texts, fmt.Errorf("%d bytes behind the record's texts", len(b))
	}
	return texts, nil
}
