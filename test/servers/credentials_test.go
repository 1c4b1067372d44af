//go:build servers

package servers

import (
	"errors"
	"os"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/parallax-sec/parallax/test/rig"
)

// The key of an agent is good for sending what its own node sees, and for nothing else. `parallax setup agents` wrote what the
// servers know of it.
func testCredentials(t *testing.T, s *site) {
	worker, tailing := s.connect(t, "node-node-2.nk"), s.connect(t, "node-node-0.nk")
	may := func(who *nats.Conn, want bool, what string, do func() error) {
		t.Helper()
		before := who.LastError()
		err := do()
		if err == nil {
			err = who.FlushTimeout(10 * time.Second) // what the server has against it comes before the answer to this
		}
		if err != nil {
			t.Fatal(err)
		}
		refused := !errors.Is(who.LastError(), before) && errors.Is(who.LastError(), nats.ErrPermissionViolation)
		if refused == want {
			t.Errorf("%s: refused is %t: %v", what, refused, who.LastError())
		}
	}
	publish := func(who *nats.Conn, want bool, subjects ...string) {
		t.Helper()
		for _, subject := range subjects {
			may(who, want, "publish to "+subject, func() error { return who.Publish(subject, []byte("x")) })
		}
	}
	subscribe := func(who *nats.Conn, want bool, subjects ...string) {
		t.Helper()
		for _, subject := range subjects {
			may(who, want, "subscribe to "+subject, func() error { _, err := who.SubscribeSync(subject); return err })
		}
	}
	publish(worker, true, "gate.plx.rt.node-2")
	publish(worker, false, "gate.plx.rt.node-0", "gate.plx.rt.node-1", "gate.plx.audit.default.node-2", "gate.plx.audit.default.node-0", "gate.plx.ctl.rules",
		"plx.rt.node-2", "plx.rt.node-0", "plx.audit.default.api-0", "plx.ctl.rules", "plx.alert.low", "plx.fact.x", "_INBOX_node-0.x",
		"$KV.plx-meta.leader", "$KV.plx-ckpt.detector", "$JS.API.STREAM.PURGE.PLX", "$JS.API.STREAM.DELETE.PLX", "$JS.API.INFO", "$SYS.REQ.SERVER.PING", "out.alerts.low")
	subscribe(worker, true, "_INBOX_node-2.>")
	subscribe(worker, false, "_INBOX_node-0.>", "_INBOX.>", ">", "plx.>", "gate.>", "gate.plx.rt.node-2", "$JS.>", "$KV.>", "out.>")
	publish(tailing, true, "gate.plx.rt.node-0", "gate.plx.audit.default.node-0")
	publish(tailing, false, "gate.plx.audit.default.node-1", "gate.plx.audit.default.api-0", "gate.plx.audit.other.node-0", "gate.plx.rt.node-1")
}

// An agent that calls itself by the name of another node gets nothing in, however long it tries.
func testOtherKey(t *testing.T, s *site) {
	log := s.file("other.log")
	if err := os.WriteFile(log, []byte(rig.Log(rig.Execs(1_000_000, 10, time.Now().Add(-time.Minute), time.Millisecond))), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"agent", "--no-sensor", "--node", "node-1", "--data", s.file("other"), "--tail", log}, s.natsFlags("node-node-0.nk")...)
	p := rig.Start(t, s.program, nil, args...).MustBeReady(t)
	time.Sleep(3 * time.Second)
	p.Kill()
	if n := s.receiver.count(); n > 0 {
		t.Errorf("%d alerts of what another node sent", n)
	}
}
