//go:build live

package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/test/live/act"
)

// TestMain is also where the program inside the containers begins: there it is called act.
func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), act.Name) {
		os.Exit(act.Main(os.Args[1:], os.Stdout))
	}
	os.Exit(m.Run())
}
