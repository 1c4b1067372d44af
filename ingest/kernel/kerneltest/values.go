package kerneltest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// flagSet is a number, the name of a flag as C has it, several joined by |, or a list of such.
type flagSet uint64

// UnmarshalJSON reads it.
func (f *flagSet) UnmarshalJSON(b []byte) error {
	*f = 0
	names, err := words(b)
	for _, name := range names {
		n, ok := flagNames[name]
		if !ok {
			if n, err = strconv.ParseUint(name, 0, 64); err != nil {
				return fmt.Errorf("no such flag: %s", name)
			}
		}
		*f |= flagSet(n)
	}
	return err
}

// capsSet is capabilities: a list of names, or all, none, or default, which is what containers get.
type capsSet uint64

// UnmarshalJSON reads it.
func (c *capsSet) UnmarshalJSON(b []byte) error {
	*c = 0
	names, err := words(b)
	for _, name := range names {
		n, ok := capSets[name]
		if bit, known := capNames["CAP_"+strings.TrimPrefix(strings.ToUpper(name), "CAP_")]; !ok && known {
			n, ok = 1<<bit, true
		}
		if !ok {
			return fmt.Errorf("no such capability: %s", name)
		}
		*c |= capsSet(n)
	}
	return err
}

// words reads a number, a text whose parts are joined by |, or a list of such.
func words(b []byte) ([]string, error) {
	var list []json.RawMessage
	if json.Unmarshal(b, &list) == nil {
		var out []string
		for _, item := range list {
			if len(item) > 0 && item[0] == '[' {
				return nil, fmt.Errorf("a list within a list")
			}
			more, err := words(item)
			if err != nil {
				return nil, err
			}
			out = append(out, more...)
		}
		return out, nil
	}
	var text string
	if json.Unmarshal(b, &text) != nil {
		var n json.Number
		if err := json.Unmarshal(b, &n); err != nil {
			return nil, fmt.Errorf("want names or a number, found %s", b)
		}
		text = n.String()
	}
	var out []string
	for word := range strings.SplitSeq(text, "|") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out, nil
}

// ret is what a system call returned: a number, or the name of an error.
type ret int64

// UnmarshalJSON reads it.
func (r *ret) UnmarshalJSON(b []byte) error {
	var n int64
	if json.Unmarshal(b, &n) == nil {
		*r = ret(n)
		return nil
	}
	var name string
	if err := json.Unmarshal(b, &name); err != nil {
		return fmt.Errorf("want a number or the name of an error, found %s", b)
	}
	for e := range unix.Errno(maxErrno) {
		if unix.ErrnoName(e) == name {
			*r = -ret(e)
			return nil
		}
	}
	return fmt.Errorf("no such error: %s", name)
}

// maxErrno is beyond the errors that system calls return (include/uapi/asm-generic/errno.h).
const maxErrno = 134

// mode is permissions as chmod takes them: "4755".
type mode uint32

// UnmarshalJSON reads it.
func (m *mode) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return fmt.Errorf(`want a mode in octal such as "0755", found %s`, b)
	}
	n, err := strconv.ParseUint(text, 8, 12)
	if err != nil {
		return fmt.Errorf(`want a mode in octal such as "0755", found %q`, text)
	}
	*m = mode(n)
	return nil
}

// ttyText is a terminal: pts/0, tty1, or none; as records hold it (major << 20 | minor).
type ttyText uint32

// The majors of terminals (Documentation/admin-guide/devices.txt of Linux).
const (
	ttyMajor = 4
	ptsMajor = 136
)

// UnmarshalJSON reads it.
func (t *ttyText) UnmarshalJSON(b []byte) error {
	var text string
	err := json.Unmarshal(b, &text)
	*t = 0
	if err == nil && text == "none" {
		return nil
	}
	for prefix, major := range map[string]uint32{"pts/": ptsMajor, "tty": ttyMajor} {
		if number, ok := strings.CutPrefix(text, prefix); ok {
			n, err := strconv.ParseUint(number, 10, 8)
			*t = ttyText(major<<20 | uint32(n))
			return err
		}
	}
	return fmt.Errorf("want pts/0, tty1 or none, found %s", b)
}

// place is where a namespace is: the number of one, host, or a container.
type place struct {
	number uint32
	name   string
}

// UnmarshalJSON reads it.
func (p *place) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &p.number) == nil {
		return nil
	}
	if err := json.Unmarshal(b, &p.name); err != nil {
		return fmt.Errorf("want host, a container or a number, found %s", b)
	}
	return nil
}
