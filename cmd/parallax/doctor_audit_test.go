package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/doctor/auditlog"
)

func TestDoctorAuditLog(t *testing.T) {
	r := cli(t, "doctor", sample).want(t, exitDone)
	for _, want := range []string{"543 events from 2026-11-20T23:4", "100 %  audit.k8s.io\n", "What this log does not tell\n", "blind on this log (of 2"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in:\n%s", want, r.out)
		}
	}
	equal(t, "--audit-log", r.out, cli(t, "doctor", "--audit-log", sample).out)
	equal(t, "standard input", r.out, cliIn(t, read(t, sample), "doctor", "-").out)
	cli(t, "doctor", write(t, "empty.log", "")).want(t, exitFailed)
	cli(t, "doctor", "/does/not/exist").want(t, exitFailed, "/does/not/exist")
}

// A log of kube-audit-admin has no get and list: exec over WebSocket and reads of secrets are not in it.
func TestDoctorAdminLog(t *testing.T) {
	var log strings.Builder
	for line := range strings.Lines(read(t, sample)) {
		if !strings.Contains(line, `"verb":"get"`) && !strings.Contains(line, `"verb":"list"`) {
			log.WriteString(`{"category":"kube-audit-admin","properties":{"log":` + quoted(t, line) + "}}\n")
		}
	}
	r := cliIn(t, log.String(), "doctor", "--output", "json", "-").want(t, exitDone)
	var report auditlog.Report
	if err := json.Unmarshal([]byte(r.out), &report); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, b := range report.Rules {
		found[b.ID] = b.Partly
	}
	if !found["R20"] || !found["R31"] || report.CameIn["AKS, kube-audit-admin"] != report.Events || !strings.HasPrefix(report.Missing[0], "get and list requests") {
		t.Errorf("%s", r.out)
	}
}
