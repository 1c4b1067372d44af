package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/doctor"
)

// Whoever runs it and on whatever kernel: the report says whether the sensor can run, and so does the exit status.
func TestDoctor(t *testing.T) {
	r := cli(t, "doctor", "--output", "json")
	var report doctor.Report
	if err := json.Unmarshal([]byte(r.out), &report); err != nil {
		t.Fatalf("%v in %s", err, r.out)
	}
	want := exitFailed
	if report.Ready {
		want = exitDone
	}
	r.want(t, want)
	if len(report.Hooks) == 0 || report.Ready == (report.Reason != "") {
		t.Errorf("%+v", report)
	}
	text := cli(t, "doctor").want(t, want)
	if !strings.HasPrefix(text.out, "The sensor can") {
		t.Error(text.out)
	}
}

func TestDoctorRefusesUnknownOutput(t *testing.T) {
	cli(t, "doctor", "--output", "yaml").want(t, exitUsage, `--output "yaml": want text or json`)
}
