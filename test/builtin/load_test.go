package builtin

import (
	"testing"

	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/test/loaded"
)

// mustLoad returns the built-in rules.
func mustLoad(t *testing.T) *rules.Set {
	t.Helper()
	set, err := loaded.Set(nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
