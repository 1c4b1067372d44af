package rig

import (
	"net"
	"path/filepath"
	"testing"
)

// Station is a place where the program takes audit events over HTTPS and writes alerts to a file, and where it is started again and
// again.
type Station struct {
	Program string
	Address string // of the webhook
	Hook    string // what `parallax setup webhook` has written
	Data    string
	Alerts  string // file
}

// NewStation makes a station in a folder of the test. keep is the folder of Program.
func NewStation(t testing.TB, keep string) *Station {
	t.Helper()
	dir := t.TempDir()
	s := &Station{
		Program: Program(t, keep), Address: FreeAddress(t),
		Hook: filepath.Join(dir, "hook"), Data: filepath.Join(dir, "state"), Alerts: filepath.Join(dir, "alerts.jsonl"),
	}
	Output(t, s.Program, "setup", "webhook", "--dir", s.Hook, "--url", s.URL())
	return s
}

// FreeAddress returns an address of this machine that nobody listens at now.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// URL is where API servers send to.
func (s *Station) URL() string { return "https://" + s.Address + "/audit" }

// Start starts the program, in the shortest way there is.
func (s *Station) Start(t testing.TB, more ...string) *Process {
	t.Helper()
	return Start(t, s.Program, nil, append([]string{
		"run", "--webhook-dir", s.Hook, "--listen", s.Address, "--data", s.Data, "--no-sensor", "--output", "json", "--out", s.Alerts,
	}, more...)...)
}

// Sender returns a sender to the program.
func (s *Station) Sender(t testing.TB) *Sender {
	t.Helper()
	return NewSender(t, s.Hook, s.URL())
}

// Check fails the test unless the alerts are those of a replay of events, each once.
func (s *Station) Check(t testing.TB, events []Event) {
	t.Helper()
	Same(t, Replay(t, s.Program, events), ReadKeys(t, s.Alerts))
}
