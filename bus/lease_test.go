package bus

import (
	"context"
	"errors"
	"testing"
	"time"
)

// shortLease has times that a test can wait for.
func shortLease(b *Bus, holder string) *Lease {
	l := b.Lease(holder)
	l.times = leaseTimes{100 * time.Millisecond, 1200 * time.Millisecond, 1800 * time.Millisecond}
	return l
}

// hold runs l until the test ends or stop is called, and returns what it ends with.
func hold(t *testing.T, l *Lease) (stop func(), end <-chan error) {
	ctx, cancel := context.WithCancel(t.Context())
	out := make(chan error, 1)
	go func() { out <- l.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-l.Done() })
	return cancel, out
}

func await(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatal(what + " never came")
	}
}

func TestOneHolderAtATime(t *testing.T) {
	t.Parallel()
	b := openTest(t, testConfig(t, t.TempDir()))
	one, two := shortLease(b, "one"), shortLease(b, "two")
	stopOne, endOne := hold(t, one)
	await(t, "the first", one.Acquired())
	stopTwo, endTwo := hold(t, two)
	select {
	case <-two.Acquired():
		t.Fatal("both hold it")
	case <-time.After(2 * time.Second):
	}
	if !one.Held() || two.Held() {
		t.Errorf("held by one %v, by two %v", one.Held(), two.Held())
	}
	if s, err := b.Status(t.Context()); err != nil || s.Leader != "one" {
		t.Errorf("leader %q, %v", s.Leader, err)
	}
	stopOne() // gives it back: the next one has it at once
	if err := <-endOne; err != nil || one.Held() {
		t.Errorf("held %v, %v", one.Held(), err)
	}
	await(t, "the second", two.Acquired())
	stopTwo()
	if err := <-endTwo; err != nil {
		t.Error(err)
	}
}

// A holder that stands still for too long finds that another one has taken over, and has not held it since before that.
func TestLeaseIsTakenFromWhoStandsStill(t *testing.T) {
	t.Parallel()
	b := openTest(t, testConfig(t, t.TempDir()))
	still, next := shortLease(b, "still"), shortLease(b, "next")
	if err := still.take(t.Context()); err != nil || !still.Held() {
		t.Fatalf("held %v, %v", still.Held(), err)
	}
	hold(t, next)
	await(t, "the next", next.Acquired())
	if still.Held() || !next.Held() {
		t.Errorf("held by the old one %v, by the next %v", still.Held(), next.Held())
	}
	if err := still.renew(t.Context()); !errors.Is(err, ErrFenced) {
		t.Errorf("renewed: %v", err)
	}
}

// A holder that cannot reach the store gives up by itself.
func TestLeaseEndsWithoutTheStore(t *testing.T) {
	t.Parallel()
	b := openTest(t, testConfig(t, t.TempDir()))
	b.server.stop() // nothing brings it back
	l := shortLease(b, "one")
	_, end := hold(t, l)
	await(t, "the lease", l.Acquired())
	b.server.shutdown()
	select {
	case err := <-end:
		if !errors.Is(err, ErrFenced) || l.Held() {
			t.Errorf("held %v, %v", l.Held(), err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it holds on")
	}
}
