package webhook

import (
	"bytes"
	"encoding/base64"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// binary is written in base64, as a kubeconfig's *-data are.
type binary []byte

// MarshalYAML implements yaml.Marshaler.
func (b binary) MarshalYAML() (any, error) { return base64.StdEncoding.EncodeToString(b), nil }

func toYAML(v any) (string, error) {
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return "", fmt.Errorf("write YAML: %w", err)
	}
	return b.String(), nil
}
