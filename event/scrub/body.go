package scrub

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// maxBodyBytes is the longest JSON text that Body takes apart; of a longer one nothing is told.
const maxBodyBytes = 1 << 20

// secretKeys are members of API objects that hold secret values, or may: contents of Secrets and ConfigMaps, minted
// tokens, environments, and the copy of an object that kubectl apply keeps.
var secretKeys = []string{"data", "stringData", "binaryData", "token", "env", "kubectl.kubernetes.io/last-applied-configuration"}

// Body scrubs a piece of an API object as rules print it: path is the JSON pointer that leads to it, empty for the whole.
// Values of secretKeys are masked, and the value of an environment variable but not its name.
func Body(path, text string) string {
	under := ""
	for segment := range strings.SplitSeq(path, "/") {
		segment = strings.ReplaceAll(segment, "~1", "/")
		if under == "" && slices.Contains(secretKeys, segment) {
			under = segment
		}
	}
	composed := strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[")
	switch {
	case under != "" && !composed:
		return masked
	case !composed || under == "" && !namesSecret(text):
		return text
	case len(text) > maxBodyBytes:
		return masked
	}
	return maskBody(under, text)
}

func namesSecret(text string) bool {
	return slices.ContainsFunc(secretKeys, func(key string) bool { return strings.Contains(text, `"`+key+`"`) })
}

func maskBody(under, text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return masked
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(maskValue(under, v)) != nil {
		return masked
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// maskValue masks v where it stands under one of secretKeys, else what in it does.
func maskValue(under string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			switch {
			case under == "env":
				if key != "name" {
					v[key] = maskValue("data", member)
				}
			case under != "":
				v[key] = maskValue(under, member)
			case slices.Contains(secretKeys, key):
				v[key] = maskValue(key, member)
			default:
				v[key] = maskValue("", member)
			}
		}
	case []any:
		for i := range v {
			v[i] = maskValue(under, v[i])
		}
	case nil:
	default:
		if under != "" {
			return masked
		}
	}
	return v
}
