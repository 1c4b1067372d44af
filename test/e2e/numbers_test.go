//go:build e2e

package e2e

import (
	"strconv"
	"strings"
	"testing"
)

// numbers tells what hub and agent hold, and that the API server has lost nothing.
func numbers(t *testing.T, d *deployment) {
	agent := d.kubectl(t, "-n", "parallax-agents", "get", "pod", "-l", "app.kubernetes.io/name=parallax-agent", "-o", "jsonpath={.items[0].metadata.name}")
	for _, pod := range []string{"parallax/pods/parallax-hub-0", "parallax-agents/pods/" + agent} {
		text := d.kubectl(t, "get", "--raw", "/api/v1/namespaces/"+pod+":9464/proxy/metrics")
		t.Logf("%s: %.0f MiB resident, %.1f s of a processor", pod, value(text, "process_resident_memory_bytes")/(1<<20), value(text, "process_cpu_seconds_total"))
		if value(text, "parallax_build_info") == 0 {
			t.Errorf("%s: no metrics of parallax in:\n%.2000s", pod, text)
		}
	}
	hub := d.kubectl(t, "get", "--raw", "/api/v1/namespaces/parallax/pods/parallax-hub-0:9464/proxy/metrics")
	for _, source := range []string{"audit/default/default", "audit/default/file:" + d.node, "node/" + d.node} {
		if !strings.Contains(hub, `parallax_source_age_seconds{source="`+source+`"}`) {
			t.Errorf("nothing came from %s", source)
		}
	}
	if value(hub, `parallax_agent_tokens_total{result="accepted"}`) == 0 {
		t.Error("no agent showed a token")
	}
	if n := value(hub, `parallax_gate_messages_total{result="refused"}`); n != 0 {
		t.Errorf("%.0f messages of the agent were refused", n)
	}
	if n := value(d.kubectl(t, "get", "--raw", "/metrics"), `apiserver_audit_error_total{plugin="webhook"}`); n != 0 {
		t.Errorf("the API server gave up on %.0f events", n)
	}
}

// value is the sum of a metric's samples whose line begins so.
func value(text, name string) (sum float64) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || !strings.HasPrefix(rest, "{") && !strings.HasPrefix(rest, " ") {
			continue
		}
		if v, err := strconv.ParseFloat(strings.TrimSpace(rest[strings.LastIndexByte(rest, ' '):]), 64); err == nil {
			sum += v
		}
	}
	return sum
}
