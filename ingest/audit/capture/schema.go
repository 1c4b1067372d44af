package capture

import (
	"encoding/json"
	"errors"
	"fmt"
)

// kind is a type of Avro.
type kind uint8

const (
	kindNull kind = iota
	kindBoolean
	kindInt // and long
	kindFloat
	kindDouble
	kindBytes // and string
	kindFixed
	kindUnion
	kindMap
	kindRecord
)

// schema says how a value is written.
type schema struct {
	kind   kind
	size   int       // of kindFixed
	parts  []*schema // of a union, the fields of a record, the values of a map
	fields []string  // of a record: names of parts
}

// maxSchemaDepth is how deep types may stand inside each other; capture's own has three levels.
const maxSchemaDepth = 16

var errSchema = errors.New("avro schema is not understood")

// parseSchema reads the schema of a file.
func parseSchema(text []byte) (*schema, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, fmt.Errorf("avro schema: %w", err)
	}
	return schemaOf(v, maxSchemaDepth)
}

func schemaOf(v any, depth int) (*schema, error) {
	if depth == 0 {
		return nil, errSchema
	}
	switch v := v.(type) {
	case string:
		return primitive(v)
	case []any:
		return union(v, depth)
	case map[string]any:
		return complexType(v, depth)
	}
	return nil, errSchema
}

func primitive(name string) (*schema, error) {
	kinds := map[string]kind{
		"null": kindNull, "boolean": kindBoolean, "int": kindInt, "long": kindInt, "float": kindFloat, "double": kindDouble,
		"bytes": kindBytes, "string": kindBytes,
	}
	k, ok := kinds[name]
	if !ok {
		return nil, fmt.Errorf("%w: type %.64q", errSchema, name)
	}
	return &schema{kind: k}, nil
}

func union(options []any, depth int) (*schema, error) {
	s := &schema{kind: kindUnion}
	for _, o := range options {
		part, err := schemaOf(o, depth-1)
		if err != nil {
			return nil, err
		}
		s.parts = append(s.parts, part)
	}
	return s, nil
}

func complexType(v map[string]any, depth int) (*schema, error) {
	name, _ := v["type"].(string)
	switch name {
	case "record":
		return record(v, depth)
	case "array":
		return nil, errSchema // capture has none, and one of nulls has any number of items in a few bytes
	case "map":
		part, err := schemaOf(v["values"], depth-1)
		return &schema{kind: kindMap, parts: []*schema{part}}, err
	case "fixed":
		size, _ := v["size"].(float64)
		if size < 0 || size > maxValueBytes {
			return nil, errSchema
		}
		return &schema{kind: kindFixed, size: int(size)}, nil
	case "enum":
		return &schema{kind: kindInt}, nil
	}
	return schemaOf(v["type"], depth-1)
}

func record(v map[string]any, depth int) (*schema, error) {
	fields, _ := v["fields"].([]any)
	s := &schema{kind: kindRecord}
	for _, f := range fields {
		field, _ := f.(map[string]any)
		name, _ := field["name"].(string)
		part, err := schemaOf(field["type"], depth-1)
		if err != nil {
			return nil, err
		}
		s.parts, s.fields = append(s.parts, part), append(s.fields, name)
	}
	return s, nil
}
