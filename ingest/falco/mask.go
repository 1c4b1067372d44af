package falco

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// secretFields are the output fields whose values are not kept: environments, and the contents of ConfigMaps.
var secretFields = []string{"proc.env", "proc.aenv", "ka.req.configmap.obj"}

// masked stands in the place of what is secret, and minMasked is how long a value is, in bytes, that is looked for in sentences.
const (
	masked    = "***"
	minMasked = 4
)

// mask blanks out the values of secret fields, and in the sentences that Falco made of them. All at once, so that the text grows at most
// as one replacement does.
func (a *alert) mask() {
	var pairs []string
	for i := range a.fields {
		f := &a.fields[i]
		if f.none || !isSecret(f.key) {
			continue
		}
		if len(f.text) >= minMasked {
			pairs = append(pairs, f.text, masked)
		}
		f.text = masked
	}
	if pairs != nil {
		r := strings.NewReplacer(pairs...)
		a.output, a.message = r.Replace(a.output), r.Replace(a.message)
	}
}

func isSecret(key string) bool {
	name, _, _ := strings.Cut(key, "[")
	return slices.Contains(secretFields, name)
}

// shown is a text as documents tell it: bounded, what looks like a credential blanked out.
func shown(s string) string { return scrub.Text(event.Clip(s, event.MaxTextBytes)) }

// shownFields are the output fields as documents tell them.
func (a *alert) shownFields() []string {
	var out []string
	for _, f := range a.fields {
		if !f.none {
			out = append(out, shown(f.key+"="+scrub.Body("/"+f.key, f.text)))
		}
	}
	return event.ClipList(out)
}
