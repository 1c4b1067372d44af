package falco

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The bounds of one alert. Falco's own have some kilobytes.
const (
	maxAlertBytes = 1 << 20
	maxFields     = 1024
	maxTags       = 1024
)

// alert is one alert as Falco writes it (json_output: true): the members of falco's userspace/engine/formats.cpp, and uuid, which
// falcosidekick adds.
type alert struct {
	rule, source, hostname, output, message, uuid string

	priority priority
	tags     []string
	fields   []field // sorted by key
	timeNs   int64   // as Falco says
	id       string  // content id
}

var errNoObject = errors.New("no JSON object: Falco writes one with json_output: true")

// parse reads an alert. Keys count as they are written; of equal ones the last does. Members that are not known are passed over.
func parse(data []byte) (*alert, error) {
	if len(data) > maxAlertBytes {
		return nil, fmt.Errorf("more than %d bytes", maxAlertBytes)
	}
	if data[0] != '{' {
		return nil, errNoObject
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	m := reader{members: members}
	a := &alert{
		rule: m.text("rule"), source: m.text("source"), hostname: m.text("hostname"), output: m.text("output"), message: m.text("message"), uuid: m.text("uuid"),
		priority: m.priority(), tags: m.tags(), fields: m.fields(), timeNs: m.time(),
	}
	if a.rule == "" {
		m.refuse("rule", "is missing")
	}
	if m.err != nil {
		return nil, m.err
	}
	a.id = a.contentID()
	a.mask()
	return a, nil
}

// reader reads members of an object and keeps the first thing that is wrong.
type reader struct {
	members map[string]json.RawMessage
	err     error
}

func (m *reader) refuse(key, why string) {
	if m.err == nil {
		m.err = errors.New("the alert's " + key + " " + why)
	}
}

// text is a member that is a text, empty where there is none.
func (m *reader) text(key string) (s string) {
	m.read(key, &s, "is no text")
	return s
}

// read reads a member into v, which stays as it is where there is none.
func (m *reader) read(key string, v any, otherwise string) {
	if raw := m.members[key]; raw != nil && json.Unmarshal(raw, v) != nil {
		m.refuse(key, otherwise)
	}
}

func (m *reader) priority() priority {
	p, ok := parsePriority(m.text("priority"))
	if !ok {
		m.refuse("priority", "is none of Falco's")
	}
	return p
}

func (m *reader) tags() (out []string) {
	m.read("tags", &out, "are no list of texts")
	if len(out) > maxTags {
		m.refuse("tags", "are too many")
	}
	return out
}

func (m *reader) time() int64 {
	ns, err := parseTime(m.text("time"))
	if err != nil {
		m.refuse("time", err.Error())
	}
	return ns
}

func (m *reader) fields() []field {
	var raw map[string]json.RawMessage
	m.read("output_fields", &raw, "are no object")
	if len(raw) > maxFields {
		m.refuse("output_fields", "are too many")
		return nil
	}
	out := make([]field, 0, len(raw))
	for key, value := range raw {
		out = append(out, newField(key, value))
	}
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.key, b.key) })
	return out
}
