package watch

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Document is an event or an alert as the program writes it.
type Document map[string]any

// Parse reads a line of JSON.
func Parse(line []byte) (Document, error) {
	var d Document
	if err := json.Unmarshal(line, &d); err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	return d, nil
}

// At returns what stands at a path of keys joined by dots, whether the document writes "a.b" as one key or as an object in an
// object; nil where there is nothing.
func (d Document) At(path string) any {
	if v, ok := d[path]; ok {
		return v
	}
	for i := range len(path) {
		if path[i] != '.' {
			continue
		}
		if inner, ok := d[path[:i]].(map[string]any); ok {
			if v := Document(inner).At(path[i+1:]); v != nil {
				return v
			}
		}
	}
	return nil
}

// Text returns what stands at a path as text: a text itself, a number in full, a list joined by blanks, nothing as "".
func (d Document) Text(path string) string { return text(d.At(path)) }

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return fmt.Sprintf("%.0f", v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = text(x)
		}
		return strings.Join(parts, " ")
	default:
		return fmt.Sprint(v)
	}
}

// Has says whether everything in want stands in the document. A want that ends in "*" is the beginning of the text, "-" is nothing.
func (d Document) Has(want map[string]string) bool {
	for path, w := range want {
		got := d.Text(path)
		if w == "-" {
			w = ""
		}
		if begin, cut := strings.CutSuffix(w, "*"); got != w && (!cut || !strings.HasPrefix(got, begin)) {
			return false
		}
	}
	return true
}

// String is the document as JSON.
func (d Document) String() string {
	text, err := json.Marshal(map[string]any(d))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
