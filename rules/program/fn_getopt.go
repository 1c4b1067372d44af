package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// getoptSpec is what an option string such as "nt:" says. Long options are not supported: they are skipped.
type getoptSpec struct {
	selected  byte // the one option that is wanted
	has       bool // there is one
	valid     [256]bool
	wantsText [256]bool
	parsed    string // the option string that valid and wantsText were made of
	ready     bool
}

func (c *call) setOption(t *CallTerm) error {
	c.opt = &getoptSpec{}
	switch len(t.Opt) {
	case 0:
		return nil
	case 1:
		c.opt.selected, c.opt.has = t.Opt[0], true
		return nil
	}
	return fmt.Errorf("getopt gives one option of a single character, not %q", t.Opt)
}

// parse reads an option string: letters, each with a ":" behind it where it wants an argument. A ":" in front is skipped.
func (o *getoptSpec) parse(s string) {
	if o.ready && o.parsed == s {
		return
	}
	*o = getoptSpec{selected: o.selected, has: o.has, parsed: string([]byte(s)), ready: true}
	for i := range len(s) {
		switch {
		case s[i] != ':':
			o.valid[s[i]] = true
		case i > 0 && s[i-1] != ':':
			o.wantsText[s[i-1]] = true
		}
	}
}

// getopt reads the options of a list of arguments as getopt(3) does, up to "--" or the first argument that is none.
// With an option selected, it is the text that this option was last given, the option's own letter where it takes none, the empty
// text where its argument is not there; missing where it was not given. Without one, it is the list of all options and
// their arguments as they come, "?" for unknown ones.
func getopt(c *call, v *event.Value) {
	if c.args[1].Kind() != event.KindText {
		return
	}
	c.opt.parse(c.args[1].Text())
	var one [1]string
	args := elements(&c.args[0], &one)
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if len(arg) > 2 && arg[:2] == "--" {
			continue
		}
		if len(arg) < 2 || arg[0] != '-' || arg == "--" {
			return
		}
		args = c.opt.cluster(arg[1:], args, v)
	}
}

// cluster reads the options in one argument, -abc, and returns the arguments that are left.
func (o *getoptSpec) cluster(letters string, args []string, v *event.Value) []string {
	for i := range len(letters) {
		c, name := letters[i], letters[i:i+1]
		switch {
		case !o.valid[c]:
			o.unknown(v)
		case !o.wantsText[c]:
			o.option(c, name, v)
		case i+1 < len(letters):
			o.argument(c, name, letters[i+1:], v)
			return args
		case len(args) > 0:
			o.argument(c, name, args[0], v)
			return args[1:]
		default:
			o.option(c, "", v)
		}
	}
	return args
}

func (o *getoptSpec) unknown(v *event.Value) {
	if !o.has {
		v.Append("?")
	}
}

func (o *getoptSpec) option(c byte, text string, v *event.Value) {
	switch {
	case !o.has:
		v.Append(text)
	case c == o.selected:
		v.SetText(text)
	}
}

func (o *getoptSpec) argument(c byte, name, text string, v *event.Value) {
	if !o.has {
		v.Append(name)
	}
	o.option(c, text, v)
}
