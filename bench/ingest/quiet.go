package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

// quiet returns the events of the log that replay gives no alert for.
func quiet(ctx context.Context, o *options) ([]auditlog.Template, error) {
	alerts, err := exec.CommandContext(ctx, o.binary, "replay", "--output", "json", o.log).Output()
	if err != nil {
		return nil, fmt.Errorf("replay (make build): %w", err)
	}
	loud := make(map[string]bool)
	for line := range bytes.Lines(alerts) {
		var doc struct {
			Kubernetes struct {
				Audit struct {
					AuditID string `json:"auditID"`
				} `json:"audit"`
			} `json:"kubernetes"`
		}
		if err := json.Unmarshal(line, &doc); err != nil {
			return nil, err
		}
		loud[doc.Kubernetes.Audit.AuditID] = true
	}
	var out []auditlog.Template
	for _, t := range o.events {
		var e struct {
			AuditID string `json:"auditID"`
		}
		if err := json.Unmarshal(t.Text, &e); err != nil {
			return nil, err
		}
		if !loud[e.AuditID] {
			out = append(out, t)
		}
	}
	return out, nil
}
