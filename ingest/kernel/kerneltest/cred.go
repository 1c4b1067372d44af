package kerneltest

import "github.com/parallax-sec/parallax/bpf"

// apply sets what is given. Where a process that had the credentials before becomes root by that, or ceases to be, and nothing is said
// of its capabilities, they follow: root has those of rootCaps.
func (k *ids) apply(c *bpf.Cred, before bpf.Cred, rootCaps uint64) {
	set := func(from *uint32, to ...*uint32) {
		for _, id := range to {
			if from != nil {
				*id = *from
			}
		}
	}
	set(k.UID, &c.Uid, &c.Euid, &c.Suid, &c.Fsuid)
	set(k.EUID, &c.Euid, &c.Fsuid)
	set(k.SUID, &c.Suid)
	set(k.FSUID, &c.Fsuid)
	set(k.GID, &c.Gid, &c.Egid, &c.Sgid, &c.Fsgid)
	set(k.EGID, &c.Egid, &c.Fsgid)
	set(k.SGID, &c.Sgid)
	set(k.FSGID, &c.Fsgid)
	set(k.UserNSLevel, &c.UsernsLevel)
	switch {
	case k.UID == nil && k.EUID == nil:
	case before.Euid != 0 && c.Euid == 0:
		c.CapEffective, c.CapPermitted = rootCaps, rootCaps
	case before.Euid == 0 && c.Euid != 0:
		dropCaps(c)
	}
	k.applyCaps(c)
}

func (k *ids) applyCaps(c *bpf.Cred) {
	set := func(from *capsSet, to ...*uint64) {
		for _, caps := range to {
			if from != nil {
				*caps = uint64(*from)
			}
		}
	}
	set(k.Caps, &c.CapEffective, &c.CapPermitted)
	set(k.CapsEffective, &c.CapEffective)
	set(k.CapsPermitted, &c.CapPermitted)
	set(k.CapsInheritable, &c.CapInheritable)
	set(k.CapsBounding, &c.CapBounding)
	set(k.CapsAmbient, &c.CapAmbient)
}

// dropCaps leaves c the capabilities of one who is not root: none, unless the saved user id is still root's.
func dropCaps(c *bpf.Cred) {
	c.CapEffective = 0
	if c.Uid != 0 && c.Suid != 0 {
		c.CapPermitted, c.CapAmbient = 0, 0
	}
}

// keep is the argument of a call that leaves an id as it is.
const keep = -1

// call changes c as a call of the setuid family does that succeeds (capabilities(7), credentials(7) of the Linux manual).
func call(c *bpf.Cred, name string, args [3]int64) {
	before := *c
	user := []*uint32{&c.Uid, &c.Euid, &c.Suid, &c.Fsuid}
	group := []*uint32{&c.Gid, &c.Egid, &c.Sgid, &c.Fsgid}
	switch name {
	case "setuid":
		setOne(user, args[0], c.CapEffective&(1<<capNames["CAP_SETUID"]) != 0)
	case "setgid":
		setOne(group, args[0], c.CapEffective&(1<<capNames["CAP_SETGID"]) != 0)
	case "setreuid":
		setTwo(user, args)
	case "setregid":
		setTwo(group, args)
	case "setresuid":
		setThree(user, args)
	case "setresgid":
		setThree(group, args)
	case "setfsuid":
		c.Fsuid = uint32(args[0])
	case "setfsgid":
		c.Fsgid = uint32(args[0])
	case "capset":
		c.CapEffective, c.CapPermitted, c.CapInheritable = uint64(args[0]), uint64(args[1]), uint64(args[2])
	}
	switch {
	case before.Euid == 0 && c.Euid != 0:
		dropCaps(c)
	case before.Euid != 0 && c.Euid == 0:
		c.CapEffective = c.CapPermitted
	}
}

// setOne sets the effective id, and all of them where the caller may. ids are real, effective, saved, file system.
func setOne(ids []*uint32, id int64, all bool) {
	*ids[1], *ids[3] = uint32(id), uint32(id)
	if all {
		*ids[0], *ids[2] = uint32(id), uint32(id)
	}
}

func setTwo(ids []*uint32, args [3]int64) {
	real := *ids[0]
	if args[0] != keep {
		*ids[0] = uint32(args[0])
	}
	if args[1] != keep {
		*ids[1] = uint32(args[1])
	}
	if args[0] != keep || args[1] != keep && uint32(args[1]) != real {
		*ids[2] = *ids[1]
	}
	*ids[3] = *ids[1]
}

func setThree(ids []*uint32, args [3]int64) {
	for i, id := range args {
		if id != keep {
			*ids[i] = uint32(id)
		}
	}
	*ids[3] = *ids[1]
}
