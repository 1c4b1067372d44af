//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// alert is what the test looks at of a document.
type alert struct {
	Event struct {
		ID string `json:"id"`
	} `json:"event"`
	Rule struct {
		ID string `json:"id"`
	} `json:"rule"`
	User struct {
		Name string `json:"name"`
	} `json:"user"`
	Host struct {
		Name string `json:"name"`
	} `json:"host"`
	Orchestrator struct {
		Namespace string `json:"namespace"`
		Resource  struct {
			Name string `json:"name"`
		} `json:"resource"`
	} `json:"orchestrator"`
	Parallax struct {
		Revision int `json:"revision"`
	} `json:"parallax"`
	text string
}

// alerts reads all documents that the hub has written until now.
func (d *deployment) alerts(t testing.TB) (out []alert) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(d.data, "alerts.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	end := bytes.LastIndexByte(b, '\n') + 1 // the last line may not be whole yet
	for line := range bytes.Lines(b[:end]) {
		a := alert{text: string(line)}
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		out = append(out, a)
	}
	return out
}

// about are the alerts of a rule that hold a text.
func about(all []alert, rule, text string) (out []alert) {
	for _, a := range all {
		if a.Rule.ID == rule && strings.Contains(a.text, text) {
			out = append(out, a)
		}
	}
	return out
}

// twice are the alerts that are there more than once.
func twice(all []alert) (out []string) {
	seen := map[string]bool{}
	for _, a := range all {
		key := fmt.Sprintf("%s %s.%d", a.Rule.ID, a.Event.ID, a.Parallax.Revision)
		if seen[key] {
			out = append(out, key)
		}
		seen[key] = true
	}
	return out
}
