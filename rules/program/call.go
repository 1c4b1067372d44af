package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// maxKeptBytes is how much scratch memory a call keeps from one event to the next.
const maxKeptBytes = 64 << 10

// call reads a transformer: its arguments into args, then fn makes the value of them.
type call struct {
	readers []reader
	args    []event.Value
	text    textBuffer
	fn      func(c *call, v *event.Value)
	opt     *getoptSpec // of getopt
}

func newCall(t *CallTerm) (*call, error) {
	c := &call{}
	var fewest, most int
	c.fn, fewest, most = transformer(t.Fn)
	if c.fn == nil {
		return nil, fmt.Errorf("unknown transformer %s", t.Fn)
	}
	if n := len(t.Args); n < fewest || n > most {
		return nil, fmt.Errorf("%s takes %d to %d arguments, not %d", t.Fn, fewest, most, n)
	}
	for _, a := range t.Args {
		r, err := newReader(a)
		if err != nil {
			return nil, err
		}
		c.readers = append(c.readers, r)
	}
	c.args = make([]event.Value, len(c.readers))
	if t.Fn == "getopt" {
		return c, c.setOption(t)
	}
	return c, nil
}

// maxArgs bounds the arguments of concat and list.
const maxArgs = 64

// transformer finds a transformer and how many arguments it takes.
func transformer(name string) (fn func(*call, *event.Value), fewest, most int) {
	switch name {
	case "tolower":
		return eachText(toLower), 1, 1
	case "toupper":
		return eachText(toUpper), 1, 1
	case "b64":
		return eachText(decodeBase64), 1, 1
	case "basename":
		return eachText(baseName), 1, 1
	case "len":
		return length, 1, 1
	case "join":
		return join, 2, 2
	case "concat":
		return concat, 2, maxArgs
	case "list":
		return list, 1, maxArgs
	case "getopt":
		return getopt, 2, 2
	}
	return nil, 0, 0
}

// read makes the value of the arguments; a missing argument makes it missing.
func (c *call) read(e event.Event, elem int, v *event.Value) {
	v.Clear()
	c.text.reset()
	for i, r := range c.readers {
		r.read(e, elem, &c.args[i])
		if c.args[i].Kind() == event.Missing {
			return
		}
	}
	c.fn(c, v)
}

// eachText makes a transformer of a function of one text: of a list it is applied to every element.
// f returns false where it has no result; then the whole value is missing.
func eachText(f func(b *textBuffer, s string) (string, bool)) func(*call, *event.Value) {
	return func(c *call, v *event.Value) {
		switch arg := &c.args[0]; arg.Kind() {
		case event.KindText:
			if s, ok := f(&c.text, arg.Text()); ok {
				v.SetText(s)
			}
		case event.KindList:
			for _, s := range arg.List() {
				s, ok := f(&c.text, s)
				if !ok {
					v.Clear()
					return
				}
				v.Append(s)
			}
		}
	}
}
