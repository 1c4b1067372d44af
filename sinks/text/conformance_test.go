package text

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

// Text has no ids and no revisions: alerts are told by their titles.
func TestConformance(t *testing.T) {
	ids := map[string]string{}
	for _, a := range sinktest.Alerts(300) {
		ids[a.Message] = sinktest.Name(a.ID, 0)
	}
	sinktest.Run(t, func(t *testing.T) *sinktest.Rig {
		path := filepath.Join(t.TempDir(), "alerts.txt")
		return &sinktest.Rig{
			FirstOnly: true,
			Open: func(t *testing.T) sinks.Sink {
				f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
				if err != nil {
					t.Fatal(err)
				}
				return New(Config{}, f)
			},
			Got: func(t *testing.T) []string {
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				var out []string
				for line := range strings.Lines(string(b)) {
					if _, title, ok := strings.Cut(strings.TrimSpace(line), "R01  "); ok {
						out = append(out, ids[title])
					}
				}
				return out
			},
		}
	})
}
