//go:build servers

package servers

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// Rules are read again at SIGHUP and when their file has changed. A file that does not load changes nothing, and is told of.
func TestRulesAreReadAgain(t *testing.T) {
	s := rig.NewStation(t, keep)
	file, metrics := filepath.Join(t.TempDir(), "rules.yaml"), rig.FreeAddress(t)
	write := func(name string) {
		t.Helper()
		text := "- rule: " + name + "\n  source: k8s_audit\n  desc: A test.\n  condition: audit.act = exec\n  output: seen\n  priority: Warning\n"
		if name == "" {
			text = "- rule: Broken\n  source: k8s_audit\n  desc: A test.\n  condition: audit.nothing = 1\n  output: seen\n  priority: Warning\n"
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("First")
	p := s.Start(t, "--no-builtin", "--rules", file, "--metrics", metrics).MustBeReady(t)
	sender, sent := s.Sender(t), 0
	// alertsFrom sends an event and returns the rule that it alerts.
	alertsFrom := func() string {
		t.Helper()
		if err := sender.Send(within(t, 10*time.Second), rig.List(recent(10*sent, 1))); err != nil {
			t.Fatal(err)
		}
		sent++
		until(t, 10*time.Second, "an alert", func() bool { return len(ruleNames(t, s.Alerts)) == sent })
		return ruleNames(t, s.Alerts)[sent-1]
	}
	want := func(rule string) {
		t.Helper()
		if got := alertsFrom(); got != rule {
			t.Errorf("the rule %q holds, want %q\n%s", got, rule, p.Said())
		}
	}
	said := func(what string, times int) {
		t.Helper()
		until(t, 10*time.Second, what, func() bool { return strings.Count(p.Said(), what) >= times })
	}
	want("First")

	write("Second")
	p.Signal(syscall.SIGHUP)
	said("what=\"the rules\"", 1)
	want("Second")
	ok(t, metrics, "parallax_config_reload_success 1")

	write("")
	p.Signal(syscall.SIGHUP)
	said("audit.nothing", 1)
	want("Second")
	ok(t, metrics, "parallax_config_reload_success 0")

	write("Third") // nobody says so
	said("what=\"the rules\"", 3)
	want("Third")
	ok(t, metrics, "parallax_config_reload_success 1")
	p.MustStop(t)
}

// ok waits until the metrics have a line.
func ok(t *testing.T, address, line string) {
	t.Helper()
	until(t, 5*time.Second, line, func() bool {
		answer, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return err == nil && slices.Contains(strings.Split(string(text), "\n"), line)
	})
}

// ruleNames are the rules of the alerts in a file, in their order.
func ruleNames(t *testing.T, file string) (out []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var doc struct{ Rule struct{ Name string } }
		if err := json.Unmarshal(line, &doc); err != nil {
			break // it is being written
		}
		out = append(out, doc.Rule.Name)
	}
	return out
}

// The certificates are replaced while the program runs: the connection that stands goes on, new ones get the new certificate, and
// whoever shows one of the old authority is not let in any more.
func TestCertificatesAreReplaced(t *testing.T) {
	for _, how := range []string{"by themselves", "at SIGHUP"} {
		t.Run(how, func(t *testing.T) { testCertificates(t, how == "at SIGHUP") })
	}
}

func testCertificates(t *testing.T, hup bool) {
	s := rig.NewStation(t, keep)
	p := s.Start(t).MustBeReady(t)
	old, late := s.Sender(t), s.Sender(t)
	log := recent(0, 60)
	connections := 0
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) {
		if !i.Reused {
			connections++
		}
	}}
	send := func(from *rig.Sender, n int) {
		t.Helper()
		ctx := httptrace.WithClientTrace(within(t, 10*time.Second), trace)
		if status, err := from.Post(ctx, rig.List(log[n:n+1])); err != nil || status != http.StatusOK {
			t.Fatalf("event %d: status %d, %v", n, status, err)
		}
	}
	send(old, 0)
	rig.Output(t, s.Program, "setup", "webhook", "--dir", s.Hook, "--url", s.URL(), "--force")
	if hup {
		p.Signal(syscall.SIGHUP)
	}
	fresh := s.Sender(t)
	until(t, 20*time.Second, "the new certificate is used", func() bool {
		_, err := fresh.Post(within(t, 5*time.Second), rig.List(log[1:2]))
		return err == nil
	})
	for n := 2; n < len(log); n += 2 {
		send(old, n)
		send(fresh, n+1)
	}
	if connections != 2 && connections != 1 { // the other one may have been made before it was counted
		t.Errorf("%d connections: one was dropped", connections)
	}
	if _, err := late.Post(within(t, 5*time.Second), rig.List(log[:1])); err == nil {
		t.Error("a certificate of the old authority is still let in")
	}
	p.MustStop(t)
	s.Check(t, log)
}
