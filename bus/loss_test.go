package bus

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
)

// What was on its way when a connection broke is read again, and is not taken for something that is not there any more.
func TestLostOnTheWay(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	const messages = 400
	for i := range messages {
		publish(t, b, append(fmt.Appendf(nil, "%d ", i), noise(20_000)...))
	}
	r := b.Reader(0)
	for i := range messages {
		if i%150 == 50 {
			if err := b.nc.ForceReconnect(); err != nil {
				t.Fatal(err)
			}
		}
		got := next(t, r)
		if got.Seq != uint64(i+1) || len(got.Faults) > 0 {
			t.Fatalf("%d, %v: want %d", got.Seq, got.Faults, i+1)
		}
	}
}

// More than a connection may hold is read at its own pace.
func TestLargeBacklog(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	b.nc.SetDisconnectErrHandler(func(_ *nats.Conn, err error) { t.Errorf("the connection broke: %v", err) })
	defer b.nc.SetDisconnectErrHandler(nil)
	const bodies, parts = 20, 2
	for i := range bodies {
		publish(t, b, append(fmt.Appendf(nil, "%d ", i), noise(10<<20)...))
	}
	r := b.Reader(0)
	for i := range bodies {
		if got := next(t, r); got.Seq != uint64(parts*(i+1)) || len(got.Faults) > 0 || len(got.Data) < 10<<20 {
			t.Fatalf("%d, %v: want %d", got.Seq, got.Faults, parts*(i+1))
		}
	}
}
