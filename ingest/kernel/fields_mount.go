package kernel

import (
	"strconv"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

func mountFields() []event.Field {
	text := func(name string, f func(*Event) string, doc string) event.Field {
		return row(name, event.Text, func(e *Event, _ *event.Arg, v *event.Value) {
			if e.mount != nil {
				setFilled(v, f(e))
			}
		}, doc)
	}
	flags := row("mount.flags", event.Text, func(e *Event, _ *event.Arg, v *event.Value) { e.eachMountFlag(v.Append) },
		"Flags of a call of the mount family, and options that it sets or clears: bind, remount, move, rec, ro, rw, nosuid, private, clone and so on.")
	flags.List = true
	return []event.Field{
		text("mount.source", func(e *Event) string { return alias(e.mountTexts.Source) },
			"What is mounted, as the caller gave it; of move_mount, by the kernel's account; of open_tree, mount_setattr and fspick the path; of pivot_root the new root."),
		text("mount.target", func(e *Event) string { return alias(e.mountTexts.Target) }, "Where it is mounted, or what is unmounted; of pivot_root where the old root goes."),
		text("mount.fstype", func(e *Event) string { return alias(e.mountTexts.FSType) }, "Type of the file system."),
		flags,
		text("mount.data", func(e *Event) string { return alias(e.mountTexts.Data) }, "Options of the file system; of fsconfig the value."),
		text("mount.key", (*Event).fsconfigKey, "Option that fsconfig sets."),
		text("mount.command", func(e *Event) string {
			if e.mount.Op != opFsconfig {
				return ""
			}
			return fsconfigCommand(e.mount.Flags)
		}, "Command of fsconfig: set_string, create and so on."),
		row("mount.dev", event.Text, ofMade(func(e *Event, dst []byte) ([]byte, bool) {
			if e.mount == nil || e.mount.MountDev == 0 {
				return dst, false
			}
			return appendDevice(dst, e.mount.MountDev), true
		}), "Device of the file system that was mounted, major:minor."),
	}
}

const opFsconfig = 4 // enum mount_op

// appendDevice appends s_dev of a file system, as the kernel holds it.
func appendDevice(dst []byte, dev uint32) []byte {
	dst = strconv.AppendUint(dst, uint64(dev>>20), 10)
	return strconv.AppendUint(append(dst, ':'), uint64(dev&(1<<20-1)), 10)
}

func (e *Event) fsconfigKey() string {
	if e.mount.Op != opFsconfig {
		return ""
	}
	return alias(e.mountTexts.Source)
}

// eachMountFlag calls f with our names of the flags and options of the call.
func (e *Event) eachMountFlag(f func(string)) {
	m := e.mount
	if m == nil {
		return
	}
	own := func(n flagName) { f(n.own) }
	switch mountNames[m.Op] {
	case "mount":
		eachName(withoutMagic(m.Flags), mountFlags, own)
	case "umount2":
		eachName(m.Flags, umountFlags, own)
	case "fsopen":
		eachName(m.Flags, fsopenFlags, own)
	case "fspick":
		eachName(m.Flags, fspickFlags, own)
	case "fsmount":
		eachName(m.Flags, fsopenFlags, own)
		eachName(m.Attr, mountAttributes, own)
	case "move_mount":
		eachName(m.Flags, moveMountFlags, own)
	case "open_tree":
		eachName(m.Flags, openTreeFlags, own)
	case "mount_setattr":
		eachName(m.Flags, setattrFlags, own)
		eachName(m.Attr, mountAttributes, own)
		eachName(cleared(m), clearedAttributes, own)
		eachName(m.Propagation, mountFlags, own)
	}
}

// cleared are the attributes that mount_setattr clears and does not set anew: those about access times are one attribute.
func cleared(m *bpf.Mount) uint64 {
	const atime = 0x70
	if m.Attr&atime != 0 {
		return m.AttrClear &^ atime
	}
	return m.AttrClear
}
