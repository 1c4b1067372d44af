package program

import "github.com/parallax-sec/parallax/event"

// length is the number of bytes of a text, of elements of a list.
func length(c *call, v *event.Value) {
	switch arg := &c.args[0]; arg.Kind() {
	case event.KindText:
		v.SetNumber(uint64(len(arg.Text())))
	case event.KindList:
		v.SetNumber(uint64(len(arg.List())))
	}
}
