package condition

import (
	"slices"
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	check := func(c *Check) Answer {
		switch name := c.Left.(*Field).Name; name {
		case "t.yes":
			return Yes
		case "t.no":
			return No
		}
		return Perhaps
	}
	f := func(text string, want Answer) {
		t.Helper()
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Holds(e, check); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	f("t.yes exists", Yes)
	f("not t.yes exists", No)
	f("t.yes exists and t.perhaps exists", Perhaps)
	f("t.no exists and t.perhaps exists", No)
	f("t.no exists or t.perhaps exists", Perhaps)
	f("t.yes exists or t.perhaps exists", Yes)
	f("not (t.no exists or t.perhaps exists)", Perhaps)
	f("not (t.no exists and t.perhaps exists)", Yes)
}

func TestAsks(t *testing.T) {
	e, err := Parse("a.a = 1 and (b.b in (x, y) or not c.c = z) and not (d.d exists and not e.e exists)")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	Asks(e, func(c *Check) { got = append(got, c.Left.(*Field).Name+" "+strings.Join(Texts(c.Right), ",")) })
	if want := []string{"a.a 1", "b.b x,y"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
