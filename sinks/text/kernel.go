package text

import (
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// appendKernelBody appends which process it was, how it came there, and where, and then the rule's sentence; of an event that is given
// out as it is, the command line.
func appendKernelBody(dst []byte, a *event.Alert) []byte {
	d, k := a.Details, a.Details.Kernel
	if k.Process.PID == 0 {
		return append(appendPlace(dst, d, k), '\n')
	}
	dst = appendProcess(dst, &k.Process)
	if user := orElse(k.Process.User.Name, k.Process.User.ID); user != "" {
		dst = appendName(append(dst, " as "...), user)
	}
	if k.Parent.PID != 0 {
		dst = appendProcess(append(dst, " under "...), &k.Parent)
	}
	if k.Entry != "" {
		dst = appendName(append(dst, ", entry "...), k.Entry)
	}
	if k.EntryBy != "" {
		dst = appendName(append(dst, " by "...), k.EntryBy)
	}
	dst = appendPlace(append(dst, ", "...), d, k)
	switch {
	case a.Reason != "":
		dst = event.AppendVisible(append(dst, ": "...), event.ClipEscaped(a.Reason, maxSentence))
	case len(d.Command) > 0:
		dst = event.AppendEscaped(append(dst, ": "...), event.Clip(strings.Join(d.Command, " "), maxSentence))
	}
	return append(dst, '\n')
}

// appendProcess appends name and number: "sh (200)".
func appendProcess(dst []byte, p *event.Process) []byte {
	dst = append(appendName(dst, orElse(p.Name, "?")), " ("...)
	return append(strconv.AppendInt(dst, int64(p.PID), 10), ')')
}

// appendPlace appends pod, container and node: "payments/api-7c9 container api on node-3".
func appendPlace(dst []byte, d *event.Details, k *event.Kernel) []byte {
	var words []string
	switch {
	case d.Name != "":
		words = append(words, "in", d.Namespace+"/"+d.Name)
	case d.PodUID != "":
		words = append(words, "in pod", d.PodUID)
	}
	if c := orElse(d.Container, k.ContainerID[:min(len(k.ContainerID), 12)]); c != "" {
		words = append(words, "container", c)
	}
	if k.Node != "" {
		words = append(words, "on", k.Node)
	}
	return appendName(dst, strings.Join(words, " "))
}
