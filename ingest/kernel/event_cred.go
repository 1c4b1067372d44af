package kernel

import "github.com/parallax-sec/parallax/bpf"

// Directions in which credentials change.
const (
	directionGain = "gain"
	directionDrop = "drop"
	directionNone = "none"
)

// aboutCreds says whether the event may change credentials: setuid and its kin, and execs.
func (e *Event) aboutCreds() bool { return e.creds != nil || e.exec != nil }

// direction says whether an exec or a call of the setuid family gave rights or took some: gain where a user id of the process becomes 0 that
// was not, or a permitted capability is new; drop where it is the other way round; none else. Where the credentials before
// are not known, the kernel's own word for an exec decides (AT_SECURE). It is "" for other events.
func (e *Event) direction() string {
	if !e.aboutCreds() {
		return ""
	}
	if e.before == nil {
		if set, _ := e.flag(bpf.FlagSecureExec); set {
			return directionGain
		}
		return ""
	}
	before, after := e.before, &e.head.Cred
	switch {
	case becameRoot(before, after), e.gainedCaps() != 0:
		return directionGain
	case becameRoot(after, before), permittedBeyond(before, after) != 0:
		return directionDrop
	}
	return directionNone
}

// becameRoot says whether a user id is 0 after that was not before, of a process that did not act as root before.
func becameRoot(before, after *bpf.Cred) bool {
	if before.Euid == 0 {
		return false
	}
	return after.Euid == 0 || after.Uid == 0 && before.Uid != 0 || after.Suid == 0 && before.Suid != 0
}

// gainedCaps are the permitted capabilities that are new. Those in another user namespace than before cannot be compared.
func (e *Event) gainedCaps() uint64 {
	if e.before == nil || !e.aboutCreds() {
		return 0
	}
	return permittedBeyond(&e.head.Cred, e.before)
}

// permittedBeyond are the permitted capabilities of a that b has not, in the same user namespace.
func permittedBeyond(a, b *bpf.Cred) uint64 {
	if a.Userns != b.Userns {
		return 0
	}
	return a.CapPermitted &^ b.CapPermitted
}
