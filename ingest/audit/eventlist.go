package audit

import (
	"errors"
	"fmt"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

var (
	// errIsList says that a value is no event but a list of events.
	errIsList = errors.New("not an audit event: kind " + kindEventList)
	// errNoList says that a value is no list of events either.
	errNoList = errors.New("not a list of audit events")
)

// mayBeList says whether a value that could not be read as an event may be a list: it says so, or something in it is bad
// JSON, which may be a single item.
func mayBeList(err error) bool {
	_, syntax := errors.AsType[*lex.SyntaxError](err)
	return syntax || errors.Is(err, errIsList)
}

// list reads the EventList that stands between two offsets. Its members may stand in any order; only their brackets and
// strings are looked at, so that a bad item is the only one that is lost. Items that stand behind kind and apiVersion are
// read at once, and then none of the three may stand there again; else the last of equal keys counts.
func (d *Decoder) list(from, to int) (end int, err error) {
	r := lex.Reader{Data: d.data[:to], Pos: from}
	var kind, version string
	items, itemsRead := 0, false
	err = eachMember(&r, func(key string) error {
		member := key == "kind" || key == "apiVersion" || key == "items"
		if member && itemsRead {
			return fmt.Errorf("key %q stands twice in a list of audit events", key)
		}
		switch key {
		case "kind":
			return readPlain(&r, &kind)
		case "apiVersion":
			return readPlain(&r, &version)
		case "items":
			items = r.Pos
			if itemsRead = kind == kindEventList && version == version1; itemsRead {
				end, err := d.listItems(items)
				r.Pos = end
				return err
			}
		}
		return skip(&r)
	})
	switch {
	case kind != kindEventList:
		return 0, errNoList
	case err != nil:
		return 0, err
	case itemsRead || items == 0:
		return r.Pos, checkVersion(version)
	}
	if err := checkVersion(version); err != nil {
		return 0, err
	}
	_, err = d.listItems(items)
	return r.Pos, err
}

func (d *Decoder) listItems(at int) (end int, err error) {
	if r := (lex.Reader{Data: d.data, Pos: at}); r.Peek() != '[' {
		return at, errors.New("items of a list are no array")
	}
	return d.items(at, func(from, to int) error {
		_, err := d.one(from, to, true, true)
		return err
	})
}

// items calls read with the place of each element of the array at an offset, reports those that it refuses, and returns where
// the array ends.
func (d *Decoder) items(at int, read func(from, to int) error) (end int, err error) {
	r := lex.Reader{Data: d.data, Pos: at}
	more, err := r.Open()
	for n := 1; more && err == nil; n++ {
		from := r.Pos
		if err := skip(&r); err != nil {
			return 0, fmt.Errorf("item %d: %w", n, err)
		}
		if err := read(from, r.Pos); err != nil {
			d.refuse(from, r.Pos, fmt.Errorf("item %d: %w", n, err))
		}
		more, err = r.Next(']')
	}
	return r.Pos, err
}

// skip goes past the value at r, looking at strings and brackets only.
func skip(r *lex.Reader) error {
	at := r.Pos
	if !r.Skip() {
		return &lex.SyntaxError{Offset: at, Reason: "value has no end"}
	}
	return nil
}

// readPlain reads the value at r into s, which is empty if it is no string or has escapes.
func readPlain(r *lex.Reader, s *string) error {
	*s = ""
	t, ok := readText(r)
	if ok && t.form == plain {
		*s = lex.Alias(r.Data[t.lo:t.hi])
	}
	return nil
}
