package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxFileBytes is the longest configuration file that is read.
const maxFileBytes = 1 << 20

// Load sets in c what a file says; path may be a pipe. Errors name the file and the line.
func (c *Config) Load(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	if len(data) > maxFileBytes {
		return fmt.Errorf("%s: more than %d bytes, which a configuration may have", path, maxFileBytes)
	}
	if err := c.parse(data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// parse sets in c what YAML says. Keys that are not there keep their values.
func (c *Config) parse(data []byte) error {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return plainError(err)
	}
	if d.Decode(new(any)) == nil {
		return errors.New("more than one document: want one")
	}
	return nil
}

// plainError says what the YAML library found without the names of our types, one thing a line.
func plainError(err error) error {
	var types *yaml.TypeError
	if !errors.As(err, &types) {
		return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	var lines []string
	for _, line := range types.Errors {
		if before, _, found := strings.Cut(line, " not found in type"); found {
			line = strings.Replace(before, "field ", "unknown key ", 1)
		}
		lines = append(lines, line)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// EnvPrefix begins the names of variables that set a key: PARALLAX_WEBHOOK_LISTEN, PARALLAX_BUS_MAXBYTES.
const EnvPrefix = "PARALLAX_"

// serviceLink is how the variables end that Kubernetes sets in each container for each Service: one named parallax-bus must not
// look like a section.
var serviceLink = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?)$`)

// Environ sets in c what variables say (NAME=VALUE, as os.Environ gives them). Lists are separated by commas; sinks cannot be
// set so. An unknown variable is an error where its first word is a section, so that a slip is not silent; others are
// somebody else's.
func (c *Config) Environ(environ []string) error {
	keys, sections := map[string]reflect.Value{}, map[string]bool{}
	envKeys(reflect.ValueOf(c).Elem(), EnvPrefix, keys, sections)
	var errs []error
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, EnvPrefix) {
			continue
		}
		if v, known := keys[name]; known {
			if err := setText(v, value); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, err))
			}
			continue
		}
		section, key, more := strings.Cut(strings.TrimPrefix(name, EnvPrefix), "_")
		if more && sections[section] && !serviceLink.MatchString("_"+key) {
			errs = append(errs, fmt.Errorf("%s: there is no such key ('parallax config print' has all)", name))
		}
	}
	return errors.Join(errs...)
}

// envKeys collects the variables that there may be.
func envKeys(v reflect.Value, prefix string, keys map[string]reflect.Value, sections map[string]bool) {
	for i := range v.NumField() {
		name := strings.ToUpper(yamlName(v.Type().Field(i)))
		switch field := v.Field(i); {
		case field.Kind() == reflect.Struct:
			sections[name] = true
			envKeys(field, prefix+name+"_", keys, sections)
		case field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.Struct: // sinks
		default:
			keys[prefix+name] = field
		}
	}
}

func yamlName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name
}

// setText sets v to what text says.
func setText(v reflect.Value, text string) error {
	switch p := v.Addr().Interface().(type) {
	case *Bytes:
		return p.Set(text)
	case *time.Duration:
		d, err := time.ParseDuration(text)
		*p = d
		return err
	case *[]string:
		*p = strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
		return nil
	case *string:
		*p = text
		return nil
	}
	return yaml.Unmarshal([]byte(text), v.Addr().Interface())
}

// YAML writes the whole configuration as a file that Load reads, with what each key is for.
func (c *Config) YAML() ([]byte, error) {
	var n yaml.Node
	if err := n.Encode(c); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	comment(&n, reflect.TypeOf(*c))
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(&n); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return out.Bytes(), e.Close()
}

// comment puts before each key of a mapping what its field says of it.
func comment(n *yaml.Node, t reflect.Type) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		for f := range t.NumField() {
			field := t.Field(f)
			if yamlName(field) != n.Content[i].Value {
				continue
			}
			if doc := field.Tag.Get("doc"); doc != "" {
				n.Content[i].HeadComment = doc
			}
			if field.Type.Kind() == reflect.Struct {
				comment(n.Content[i+1], field.Type)
			}
		}
	}
}
