package kerneltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// Read makes a stream of the JSON values in data: batches of one frame each, with the line of the value that they were made of, from
// 1, and the frame's event time. Its error is an event.Fault and tells the first fault.
func Read(data []byte) ([]event.Batch, error) {
	w := newWorld()
	dec := json.NewDecoder(bytes.NewReader(data))
	for {
		w.line = lineAt(data, int(dec.InputOffset()))
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return w.batches, nil
		}
		if err != nil {
			return nil, event.Fault{Line: w.line, Reason: fmt.Sprintf("not JSON: %v", err)}
		}
		if err := w.value(raw); err != nil {
			return nil, event.Fault{Line: w.line + linesBefore(err, raw), Reason: err.Error()}
		}
	}
}

// linesBefore counts the lines of a value before the key that err is about.
func linesBefore(err error, raw []byte) int64 {
	var key *unknownKey
	if !errors.As(err, &key) {
		return 0
	}
	before, _, found := bytes.Cut(raw, []byte(strconv.Quote(key.name)))
	if !found {
		return 0
	}
	return int64(bytes.Count(before, []byte("\n")))
}

// lineAt is the line of what follows offset, blanks aside.
func lineAt(data []byte, offset int) int64 {
	start := len(data) - len(bytes.TrimLeft(data[offset:], " \t\r\n"))
	return 1 + int64(bytes.Count(data[:start], []byte("\n")))
}

// value takes one value: an object of one member, named after what happened.
func (w *world) value(raw json.RawMessage) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return errors.New(`want an object such as {"exec":{"pid":100,"exe":"/bin/sh"}}`)
	}
	if len(members) != 1 {
		return fmt.Errorf("%d members, want one that says what happened", len(members))
	}
	for name, body := range members {
		if err := w.happening(name, body); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// happening takes what is called name. System calls have their own names.
func (w *world) happening(name string, body json.RawMessage) error {
	switch name {
	case "start":
		return take(body, w.start)
	case "container":
		return take(body, w.container)
	case "process":
		return take(body, w.found)
	case "users":
		return take(body, w.users)
	case "lost":
		return take(body, w.lost)
	case "beat":
		return take(body, w.beat)
	case "exec":
		return take(body, w.exec)
	case "fork":
		return take(body, w.fork)
	case "exit":
		return take(body, w.exit)
	case "ptrace":
		return take(body, w.ptrace)
	case "setns", "unshare":
		return take(body, func(k *nsLine) error { return w.namespaces(name, k) })
	}
	if op, ok := mountOps[name]; ok {
		return take(body, func(k *mountLine) error { return w.mount(op, k) })
	}
	if op, ok := credOps[name]; ok {
		return take(body, func(k *credLine) error { return w.creds(op, name, k) })
	}
	if op, ok := cgroupOps[name]; ok {
		return take(body, func(k *cgroupLine) error { return w.cgroup(op, k) })
	}
	return errors.New("nothing of that name happens: see docs/KERNEL_EVENTS.md")
}

// take reads body as a T, with no other keys, and hands it to f.
func take[T any](body json.RawMessage, f func(*T) error) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	k := new(T)
	if err := dec.Decode(k); err != nil {
		return keyError(err, reflect.TypeFor[T]())
	}
	return f(k)
}

// unknownKey is a key that there is not.
type unknownKey struct {
	name string
	keys []string // that there are
}

func (e *unknownKey) Error() string {
	return fmt.Sprintf("unknown key %q; there are %s", e.name, strings.Join(e.keys, ", "))
}

func keyError(err error, t reflect.Type) error {
	// The text is the only form in which encoding/json tells it.
	if name, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		return &unknownKey{name: strings.TrimSuffix(name, `"`), keys: keysOf(t)}
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		name := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
		return fmt.Errorf("%s is a %s, want a %s", name, wrong.Value, wrong.Type)
	}
	return err
}

// keysOf returns the keys that a line of type t may have, sorted.
func keysOf(t reflect.Type) []string {
	var out []string
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("json"); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
