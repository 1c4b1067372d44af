package program

import "github.com/parallax-sec/parallax/event"

// join puts the elements of a list together with a separator between them. A text counts as a list of one.
func join(c *call, v *event.Value) {
	if c.args[0].Kind() != event.KindText {
		return
	}
	var one [1]string
	sep, size := c.args[0].Text(), 0
	list := elements(&c.args[1], &one)
	for _, s := range list {
		size += len(s) + len(sep)
	}
	buf := c.text.grow(size)
	for i, s := range list {
		if i > 0 {
			buf = append(buf, sep...)
		}
		buf = append(buf, s...)
	}
	if len(list) > 0 {
		v.SetText(c.text.text(buf))
	}
}

// concat puts texts together.
func concat(c *call, v *event.Value) {
	size := 0
	for i := range c.args {
		if c.args[i].Kind() != event.KindText {
			return
		}
		size += len(c.args[i].Text())
	}
	buf := c.text.grow(size)
	for i := range c.args {
		buf = append(buf, c.args[i].Text()...)
	}
	v.SetText(c.text.text(buf))
}

// list makes a list of texts.
func list(c *call, v *event.Value) {
	for i := range c.args {
		if c.args[i].Kind() != event.KindText {
			v.Clear()
			return
		}
		v.Append(c.args[i].Text())
	}
}
