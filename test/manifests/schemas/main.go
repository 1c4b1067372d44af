// Command schemas makes JSON schemas for kubeconform of a Kubernetes release's swagger.json, one file a kind:
//
//	schemas api/openapi-spec/swagger.json DIR
//	kubeconform -strict -schema-location 'DIR/{{.ResourceKind}}{{.KindSuffix}}.json' ...
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: schemas SWAGGER DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}

// definition is a type of the API, as the swagger has it.
type definition map[string]any

func run(swagger, dir string) error {
	text, err := os.ReadFile(swagger)
	if err != nil {
		return err
	}
	var api struct{ Definitions map[string]definition }
	if err := json.Unmarshal(text, &api); err != nil {
		return fmt.Errorf("parse %s: %w", swagger, err)
	}
	for name, d := range api.Definitions {
		tighten(name, d)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, d := range api.Definitions {
		for _, file := range files(d) {
			if err := write(filepath.Join(dir, file), name, api.Definitions); err != nil {
				return err
			}
		}
	}
	return nil
}

// tighten makes properties that are not known an error, and lets numbers be where the API takes them besides texts.
func tighten(name string, d definition) {
	if strings.HasSuffix(name, ".IntOrString") || strings.HasSuffix(name, ".resource.Quantity") {
		clear(d)
		d["type"] = []string{"string", "integer", "number"}
	}
	if _, ok := d["properties"]; ok {
		d["additionalProperties"] = false
	}
}

// files are the names that kubeconform looks for a type under: kind, first word of the group, version. None for types that are only parts of others.
func files(d definition) (out []string) {
	kinds, _ := d["x-kubernetes-group-version-kind"].([]any)
	for _, k := range kinds {
		k, _ := k.(map[string]any)
		group, _, _ := strings.Cut(fmt.Sprint(k["group"]), ".")
		name := fmt.Sprintf("%v-%s-%v.json", k["kind"], group, k["version"])
		out = append(out, strings.ToLower(strings.Replace(name, "--", "-", 1)))
	}
	return out
}

// write writes the schema of one type, with those that it is made of.
func write(file, name string, all map[string]definition) error {
	used := map[string]definition{}
	collect(name, all, used)
	b, err := json.Marshal(map[string]any{"$ref": prefix + name, "definitions": used})
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}

const prefix = "#/definitions/"

func collect(name string, all, used map[string]definition) {
	if _, known := used[name]; known {
		return
	}
	used[name] = all[name]
	references(map[string]any(all[name]), func(name string) { collect(name, all, used) })
}

// references calls f with each type that v names.
func references(v any, f func(name string)) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			f(strings.TrimPrefix(ref, prefix))
		}
		for _, one := range v {
			references(one, f)
		}
	case []any:
		for _, one := range v {
			references(one, f)
		}
	}
}
