package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// value is one JSON value of an events section: an event, or a list of them.
type value struct {
	line int       // in the scenario file
	time time.Time // of its first event; zero where there is none
	data []byte
}

// input reads the sections with events.
func (s *Scenario) input(l *Loaded) (input, error) {
	values, err := s.values(s.Events)
	if err != nil {
		return input{}, err
	}
	in := input{values: values}
	if len(s.Falco) > 0 && l.Falco == nil {
		return input{}, &SyntaxError{s.Name, s.Falco[0].Line, "alerts of Falco cannot be read here"}
	}
	if in.falco, err = s.values(s.Falco); err != nil {
		return input{}, err
	}
	for _, f := range s.Kernel {
		stream, err := s.stream(l, f)
		if err != nil {
			return input{}, err
		}
		in.streams = append(in.streams, stream)
	}
	return in, nil
}

// stream makes a stream of what a section says happened in the kernel. Its batches have their lines in the scenario file.
func (s *Scenario) stream(l *Loaded, f File) ([]event.Batch, error) {
	if l.Stream == nil || l.Kernel == nil {
		return nil, &SyntaxError{s.Name, f.Line, "events of the kernel cannot be read here"}
	}
	batches, err := l.Stream(f.Data)
	var fault event.Fault
	switch {
	case errors.As(err, &fault):
		return nil, &SyntaxError{s.Name, f.Line + int(fault.Line) - 1, fault.Reason}
	case err != nil:
		return nil, &SyntaxError{s.Name, f.Line, err.Error()}
	}
	for i := range batches {
		b := &batches[i]
		b.Origin, b.Line = s.Name, b.Line+int64(f.Line)-1
	}
	return batches, nil
}

// values cuts sections into JSON values.
func (s *Scenario) values(sections []File) ([]value, error) {
	var out []value
	for _, f := range sections {
		dec := json.NewDecoder(bytes.NewReader(f.Data))
		for {
			line := f.Line + linesBefore(f.Data, int(dec.InputOffset()))
			var raw json.RawMessage
			err := dec.Decode(&raw)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, &SyntaxError{s.Name, line, fmt.Sprintf("not JSON: %v", err)}
			}
			out = append(out, value{line, firstTime(raw), raw})
		}
	}
	return out, nil
}

// linesBefore counts the lines that end before the value that begins at offset, blanks aside.
func linesBefore(data []byte, offset int) int {
	start := len(data) - len(bytes.TrimLeft(data[offset:], " \t\r\n"))
	return bytes.Count(data[:start], []byte("\n"))
}

// firstTime returns the stageTimestamp of the first event in a value, or the time of an alert of Falco.
func firstTime(raw json.RawMessage) time.Time {
	var list []json.RawMessage
	var one struct {
		StageTimestamp time.Time         `json:"stageTimestamp"`
		Time           time.Time         `json:"time"`
		Items          []json.RawMessage `json:"items"`
	}
	if json.Unmarshal(raw, &list) != nil && json.Unmarshal(raw, &one) == nil {
		list = one.Items
	}
	if len(list) > 0 {
		return firstTime(list[0])
	}
	if one.StageTimestamp.IsZero() {
		return one.Time
	}
	return one.StageTimestamp
}
