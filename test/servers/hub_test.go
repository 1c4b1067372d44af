//go:build servers

package servers

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

const listenConfig = `sensor: {node: hub}
bus: {listen: %q, certFile: %q, keyFile: %q, agentKeysFile: %q}
`

// A hub that agents connect to itself is killed again and again. The agent of a node follows a log and watches the kernel meanwhile: what it
// saw comes when the hub is back, each alert once.
func TestHubIsKilled(t *testing.T) {
	dir := t.TempDir()
	s := &site{program: rig.Program(t, keep), dir: dir, keys: filepath.Join(dir, "keys"), hook: filepath.Join(dir, "hook")}
	address := rig.FreeAddress(t)
	s.servers = []*natsServer{{url: "tls://" + address}}
	rig.Output(t, s.program, "setup", "webhook", "--dir", s.hook, "--url", "https://127.0.0.1:9443/audit")
	rig.Output(t, s.program, "setup", "agents", "--dir", s.keys, "--tail-node", "node-0")
	config, out := s.file("hub.yaml"), s.file("alerts.jsonl")
	text := fmt.Sprintf(listenConfig, address, filepath.Join(s.hook, "server.crt"), filepath.Join(s.hook, "server.key"), filepath.Join(s.keys, "agents.keys"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	hub := &part{name: "hub", args: []string{"hub", "--config", config, "--data", s.file("hub"), "--rules", s.canaryRule(t), "--output", "json", "--out", out}}
	agent := s.agent(t, 0)
	s.hubs, s.agents = []*part{hub}, []*part{agent}
	agent.start(t, s.program) // it does without a hub for now
	defer s.tell(t)

	canaries := s.startCanaries(t)
	var log []rig.Event
	for round := range 6 {
		hub.start(t, s.program)
		for i := range 10 {
			some := rig.Execs(100*round+10*i, 10, time.Now().Add(-time.Minute), time.Millisecond)
			if err := appendTo(agent.log, rig.Log(some)); err != nil {
				t.Fatal(err)
			}
			log = append(log, some...)
			time.Sleep(100 * time.Millisecond)
		}
		if round < 5 {
			hub.process.Kill()
		}
	}
	canaries.end()
	want := len(log) + canaries.started
	until(t, 30*time.Second, fmt.Sprintf("%d alerts", want), func() bool { return rig.Count(t, out) >= want })
	agent.process.MustStop(t)
	hub.process.MustStop(t)
	got, replayed := rig.ReadKeys(t, out), rig.Replay(t, s.program, log)
	for k, n := range got {
		if n > 1 {
			t.Errorf("%v is there %d times", k, n)
		}
	}
	for k := range replayed {
		if got[k] == 0 {
			t.Errorf("%v is missing", k)
		}
	}
	t.Logf("%d alerts, %d of them of canaries", len(got), canaries.started)
	if len(got) != want {
		t.Errorf("%d alerts, want %d", len(got), want)
	}
}
