package audit

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// record is the Details of an event together with the memory of their texts and lists. An ordinary event finds room in it, so
// that it is a single allocation.
type record struct {
	details event.Details
	audit   event.Audit
	elem    int // container that is told, -1 if none is

	text  []byte   // room for texts; what it holds is never changed
	lists []string // room for lists, likewise

	texts [recordTextBytes]byte
	items [recordItems]string
}

// The room in a record: nine of ten events of a real log fit.
const (
	recordTextBytes = 864
	recordItems     = 10
)

func newRecord() *record {
	r := new(record)
	r.text, r.lists = r.texts[:0], r.items[:0]
	r.details.Audit = &r.audit
	return r
}

// copy returns s, clipped, in memory of the record.
func (r *record) copy(s string) string {
	if s == "" {
		return ""
	}
	s = event.Clip(s, event.MaxTextBytes)
	if len(s) > cap(r.text)-len(r.text) {
		r.text = make([]byte, 0, max(len(s), recordTextBytes))
	}
	at := len(r.text)
	r.text = append(r.text, s...)
	return lex.Alias(r.text[at:])
}

// copyList is copy for a list; nil if it is empty.
func (r *record) copyList(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = event.ClipList(list)
	if len(list) > cap(r.lists)-len(r.lists) {
		r.lists = make([]string, 0, max(len(list), recordItems))
	}
	at := len(r.lists)
	for _, s := range list {
		r.lists = append(r.lists, r.copy(s))
	}
	return slices.Clip(r.lists[at:])
}
