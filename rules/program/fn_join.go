package program

import "github.com/parallax-sec/parallax/event"

// join puts the elements of a list together with a separator between them. A text counts as a list of one.
func join(c *call, v *event.Value) {
	if c.args[0].Kind() != event.KindText {
		return
	}
	sep, size := c.args[0].Text(), 0
	list := elements(&c.args[1])
	for s := range list {
		size += len(s) + len(sep)
	}
	buf, first := c.text.grow(size), true
	for s := range list {
		if !first {
			buf = append(buf, sep...)
		}
		buf, first = append(buf, s...), false
	}
	if !first {
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

// elements are those of a list, or the one of a text.
func elements(v *event.Value) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		switch v.Kind() {
		case event.KindText:
			yield(v.Text())
		case event.KindList:
			for _, s := range v.List() {
				if !yield(s) {
					return
				}
			}
		}
	}
}
