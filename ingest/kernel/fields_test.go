package kernel

import (
	"strings"
	"testing"
)

func TestFieldsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Fields() {
		switch {
		case seen[f.Name]:
			t.Errorf("%s is there twice", f.Name)
		case f.Doc == "" || !strings.HasSuffix(f.Doc, "."):
			t.Errorf("%s has no sentence that explains it: %q", f.Name, f.Doc)
		case f.From == "" || f.Null == "":
			t.Errorf("%s does not say where it comes from and when it is missing", f.Name)
		case (f.Get != nil) != (f.Untraced == ""):
			t.Errorf("%s must be traced, or say why it is not", f.Name)
		case f.List && f.Any:
			t.Errorf("%s is both a list and one value of which there may be several", f.Name)
		}
		seen[f.Name] = true
	}
}
