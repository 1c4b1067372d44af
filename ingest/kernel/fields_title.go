package kernel

import (
	"strconv"

	"github.com/parallax-sec/parallax/event"
)

// titleFields put several fields into words that rules' outputs use; each has a value wherever there is anything to tell.
func titleFields() []event.Field {
	return []event.Field{
		row("container.title", event.Text, ofMade(containerTitle),
			"The container in words: name, pod and namespace where they are known, else its id of 12 characters."),
		row("container.where", event.Text, ofMade(containerWhere),
			"container.title and the container's id, image and pod UID, as far as they are known."),
		row("proc.terminal", event.Text, ofMade(terminalName), "Controlling terminal by name: pts/0, or major:minor; none where there is none."),
	}
}

// containerTitle appends "web of pod prod/web-1".
func containerTitle(e *Event, dst []byte) ([]byte, bool) {
	c := e.container
	switch {
	case c == nil:
		return append(dst, "the node"...), e.process != nil
	case c.Name == "" && c.Pod == "":
		return append(append(dst, "container "...), shortID(c.ID)...), true
	case c.Name == "":
		dst = append(append(dst, "container "...), shortID(c.ID)...)
	default:
		dst = append(dst, c.Name...)
	}
	if c.Pod != "" {
		dst = append(append(dst, " of pod "...), c.Namespace...)
		dst = append(append(dst, '/'), c.Pod...)
	}
	return dst, true
}

// containerWhere appends "web of pod prod/web-1 (0123456789ab, image nginx:1.27)".
func containerWhere(e *Event, dst []byte) ([]byte, bool) {
	dst, ok := containerTitle(e, dst)
	c := e.container
	if c == nil {
		return dst, ok
	}
	dst = append(append(dst, " ("...), shortID(c.ID)...)
	if c.Image != "" {
		dst = append(append(dst, ", image "...), c.Image...)
	}
	if c.Pod == "" && c.PodUID != "" {
		dst = append(append(dst, ", pod uid "...), c.PodUID...)
	}
	return append(dst, ')'), true
}

// The majors of pseudo terminals (Documentation/admin-guide/devices.txt of Linux): 136 to 143, each with 256 of them here.
const (
	firstPTSMajor = 136
	lastPTSMajor  = 143
)

// terminalName appends "pts/3".
func terminalName(e *Event, dst []byte) ([]byte, bool) {
	if e.process == nil {
		return dst, false
	}
	major, minor := uint64(e.process.TTY>>20), uint64(e.process.TTY&(1<<20-1))
	switch {
	case e.process.TTY == 0:
		return append(dst, "none"...), true
	case major >= firstPTSMajor && major <= lastPTSMajor:
		return strconv.AppendUint(append(dst, "pts/"...), (major-firstPTSMajor)<<8+minor, 10), true
	}
	dst = append(strconv.AppendUint(dst, major, 10), ':')
	return strconv.AppendUint(dst, minor, 10), true
}
