package falco

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// field is one output field. Its text is the same however the alert came: Falco's HTTP and file outputs keep the type of a value,
// its gRPC output has texts only (other values written as JSON), and falcosidekick writes JSON anew.
type field struct {
	key  string
	text string // a text as it reads, any other value as compact JSON with sorted keys: "null" for none
	none bool
}

// newField reads a value, which is valid JSON.
func newField(key string, raw json.RawMessage) field {
	f := field{key: key, text: string(raw)}
	switch raw[0] {
	case '"':
		f.text = ""
		_ = json.Unmarshal(raw, &f.text)
	case '{', '[':
		f.text = compact(raw)
	case 'n':
		f.none = true
	}
	return f
}

// compact writes a JSON value anew: blanks, order of keys and ways to write a character do not count.
func compact(raw json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return string(raw)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return string(raw)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// lookup returns the text of an output field, and whether there is one.
func (a *alert) lookup(key string) (string, bool) {
	i, found := slices.BinarySearchFunc(a.fields, key, func(f field, key string) int { return strings.Compare(f.key, key) })
	if !found || a.fields[i].none {
		return "", false
	}
	return a.fields[i].text, true
}
