package audit

import (
	"regexp"
	"slices"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestFieldsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	sentence := regexp.MustCompile(`^[A-Z].*[.]$`)
	name := regexp.MustCompile(`^[a-z]+([.][a-zA-Z][a-zA-Z0-9_]*)+$`)
	for _, f := range Fields() {
		switch {
		case seen[f.Name]:
			t.Errorf("%s stands there twice", f.Name)
		case !name.MatchString(f.Name):
			t.Errorf("%s is no name that a condition can hold", f.Name)
		case !sentence.MatchString(f.Doc):
			t.Errorf("%s: %q is no sentence", f.Name, f.Doc)
		case f.From == "" || f.Null == "":
			t.Errorf("%s does not say where it comes from or when it is missing", f.Name)
		case f.Source != event.SourceAudit:
			t.Errorf("%s is not of this source", f.Name)
		case (f.Get == nil) != (f.Untraced != ""):
			t.Errorf("%s: either it is read or it says why not", f.Name)
		case f.Type == event.Bool && !slices.Contains(f.Values, "false"):
			t.Errorf("%s does not list its values", f.Name)
		}
		seen[f.Name] = true
	}
}
