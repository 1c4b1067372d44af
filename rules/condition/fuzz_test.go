package condition

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// checkRoundTrip fails unless the text of e parses to e.
func checkRoundTrip(t *testing.T, e Expr) {
	t.Helper()
	again, err := Parse(e.String())
	if err != nil {
		t.Fatalf("%s: %v", e, err)
	}
	noPositions := cmp.Options{
		cmpopts.IgnoreFields(Not{}, "At"),
		cmpopts.IgnoreFields(Macro{}, "At"),
		cmpopts.IgnoreFields(Check{}, "OpAt"),
		cmpopts.IgnoreFields(Field{}, "At", "ArgAt"),
		cmpopts.IgnoreFields(Call{}, "At"),
		cmpopts.IgnoreFields(Text{}, "At"),
		cmpopts.IgnoreFields(List{}, "At"),
	}
	if d := cmp.Diff(e, again, noPositions, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s: %s", e, d)
	}
}

func FuzzParse(f *testing.F) {
	seeds := []string{
		`ka.verb=get and not (a.b in (x, "y z") or m)`,
		`concat(a.b, "-", tolower(c.d[1]))!='x\ '`,
		`getopt(proc.args, "ab:")[b] startswith anyof (x, y)`,
		`not not not(a.b >= 0x1F) and join(",", (a.b, 1.5e+3)) = val(c.d["q"])`,
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if (e == nil) == (err == nil) {
			t.Fatalf("value %v, error %v", e, err)
		}
		if err != nil {
			var se *SyntaxError
			if !errors.As(err, &se) || se.Offset < 0 || se.Offset > len(text) || se.Error() == "" {
				t.Fatalf("bad error %#v", err)
			}
			return
		}
		checkRoundTrip(t, e)
	})
}
