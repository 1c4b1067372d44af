package runtimefiles

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Bounds of what is kept of a container.
const (
	maxName       = kernel.MaxNameBytes
	maxText       = kernel.MaxTextBytes
	maxLabels     = kernel.MaxLabels
	maxLabelKey   = kernel.MaxLabelKeyBytes
	maxNamespaces = 256 // of containerd
)

// name is s where it is a name of Kubernetes or a runtime: letters, digits and ._- with a few more; else nothing.
func name(s string) string {
	if len(s) > maxName {
		return ""
	}
	for i := range len(s) {
		c := s[i]
		alnum := c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !alnum && strings.IndexByte("._-:", c) < 0 {
			return ""
		}
	}
	return s
}

// text is s as UTF-8 of bounded length.
func text(s string) string { return clip(s, maxText) }

func clip(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.Clone(s[:limit])
}

// labels are labels without what Kubernetes and runtimes keep there for themselves, which is told elsewhere. Where there are too many,
// the first ones by name are kept.
func labels(all map[string]string) map[string]string {
	var keys []string
	for k := range all {
		if !strings.HasPrefix(k, "io.kubernetes.") && !strings.HasPrefix(k, "annotation.") && len(k) <= maxLabelKey && utf8.ValidString(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	slices.Sort(keys)
	out := map[string]string{}
	for _, k := range keys[:min(len(keys), maxLabels)] {
		out[k] = text(all[k])
	}
	return out
}
